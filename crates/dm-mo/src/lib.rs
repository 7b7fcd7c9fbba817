//! Management objects as typed views on the tree.
