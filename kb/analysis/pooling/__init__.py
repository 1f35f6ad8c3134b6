"""Estimators of meta-analysis: the one place of the project that computes them.

numpy and scipy are imported inside functions, so that commands that pool nothing never load them.
"""
