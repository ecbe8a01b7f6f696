//! A contact centre that behaves like one and answers as wolkvox does, for the demo and for tests.

pub mod world;
