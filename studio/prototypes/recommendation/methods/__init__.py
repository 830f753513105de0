"""The ways of recommending, one file each, behind one contract."""
