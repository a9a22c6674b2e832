"""The patient's own drawing: where it is felt, how, and how strongly, visit by visit."""
