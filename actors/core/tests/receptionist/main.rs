//! The receptionist in whole calls: the two shipped agents, and any caller at all.

mod any_caller;
mod caller;
mod english;
mod hebrew;
mod keypad_only;
