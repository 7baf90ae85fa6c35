"""Very many pictures, on one machine or on many: cut into shards, each read whole or not at all. Needs `bulk`."""
