"""The rules of the MoU against tables written by hand."""
