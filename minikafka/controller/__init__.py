"""The controller: who is alive, who leads, who is in sync; decided in one place, recorded, then applied by everyone."""
