"""Post mortems: what they are read for, and how layers of defence let a problem through."""
