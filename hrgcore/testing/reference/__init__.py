"""The reference grouper: slow, plain Python, written from the documentation alone, without a look at the engine.

It shares no code with the engine, so that what both say alike is what the documents say.
"""
