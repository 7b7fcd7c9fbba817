//! The requirements of the draft, by its sections.
//!
//! `r7` to `r31` are the numbers of `docs/requirements.md`, `dm_sm_c_004_m` the items of the
//! draft's Appendix B.

mod agent;
mod section_5_1_1;
mod section_5_1_2;
mod section_5_2;
mod section_5_3;
mod section_5_4;
mod section_5_5;
mod section_5_5_objects;
mod section_5_5_policy;
