//! The device's half: gate, commands, journal; without I/O.
