"""Physiology: how it behaves. Equations only, one structure per file.

Each file holds the declared parameters of one structure and the laws that use them, as pure
functions of arrays. Slow laws run in days, whole muscles in the units of `myotome.units`. Nothing
here knows a muscle's name, a root or a person: `simulation` puts structures together.
"""
