//! Build, check, test and demonstrate the workspace.

fn main() {}
