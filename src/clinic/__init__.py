"""The clinic: a Django site in which patients are seen, and what they entrust to it is kept safe.

Parts, each importing only from those to its right: records, patients, practice, accounts, outbox,
audit. Above them stand the gate (the one place that decides who may open a page), the settings,
the addresses and the command. The science (`myotome`) never imports from here.
"""
