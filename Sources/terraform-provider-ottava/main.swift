// Room for what is built next.
