"""The bench of a prototype over documents: ways of searching tried, judged and measured."""
