//! Parts of the rendering that the benches measure alone. Only the feature `measuring` compiles it.

use std::sync::Arc;

use bytes::Bytes;

use super::definitions::POLLED;
use super::exposition::{self, Block};
use super::page::{compress, input};
use crate::clock::Clock;
use crate::model::Snapshots;

/// The families of a page in both formats, not compressed.
#[derive(Debug)]
pub struct Families(Vec<Block>);

impl Families {
    /// Renders the families of these snapshots.
    pub fn render(snapshots: Arc<Snapshots>, clock: &Clock) -> Self {
        Self(exposition::blocks(POLLED, &input(snapshots, clock)).collect())
    }

    /// The size of the samples in bytes.
    pub fn length(&self) -> usize {
        self.0.iter().flat_map(|block| &block.samples).map(Bytes::len).sum()
    }

    /// Compresses both formats. Returns the size of both in bytes.
    pub fn compressed_length(&self) -> usize {
        compress(&self.0).iter().flat_map(|member| &member.pieces).map(Bytes::len).sum()
    }
}
