"""Terrain: the parts of a landscape, one purpose each; `myotome.simulation.landscape` is its door.

system      many runs, moved to their rest   rows        their states, made from one another
loops       some loops without the others    branches    the rest over the cause
gain        of the circle, at a rest         separatrix  between two rests
dose        the least that crosses           region      as one more number varies
results     what a landscape holds
"""
