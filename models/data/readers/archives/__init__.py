"""Archives of anything Winnow reads, unpacked once into the cache within bounds."""
