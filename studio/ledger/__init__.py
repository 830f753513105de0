"""The record of every model call, from which all cost and latency figures are computed."""
