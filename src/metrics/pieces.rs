//! Text in pieces of one size, so that a text of megabytes is never copied into a larger buffer while it grows.
//!
//! Together with `gzip`, this keeps the budget of a scrape: a page of 540,000 series costs about 1 ms of processor
//! time. Scrapes share the pieces and copy nothing.
//!
//! A new page is rendered while scrapes still use the old one. Pieces of one size fit exactly into the memory of an
//! earlier page. Buffers whose length changes a little with every poll would fragment the memory.

use std::fmt;

use bytes::Bytes;

/// The size of a piece in bytes, more than one write ever has. A page of 540,000 series has some hundreds of pieces.
const PIECE_BYTES: usize = 256 * 1024;

/// A text that is being written.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    full: Vec<Bytes>,
    last: String,
}

impl Pieces {
    /// The text in pieces. No piece is empty.
    pub(super) fn finish(self) -> Vec<Bytes> {
        let Self { mut full, mut last } = self;
        last.shrink_to_fit();
        if !last.is_empty() {
            full.push(Bytes::from(last));
        }
        full
    }

    // Not inlined, so that the many short writes that fit stay short.
    #[cold]
    #[inline(never)]
    fn make_room(&mut self, bytes: usize) {
        if self.last.len() + bytes > PIECE_BYTES {
            let next = String::with_capacity(PIECE_BYTES);
            self.full.push(Bytes::from(std::mem::replace(&mut self.last, next)));
        } else {
            // Double the capacity, as a `String` does, but up to the size of a piece only.
            let capacity = (2 * self.last.capacity()).clamp(self.last.len() + bytes, PIECE_BYTES);
            self.last.reserve_exact(capacity - self.last.len());
        }
    }
}

impl fmt::Write for Pieces {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text.len() > self.last.capacity() - self.last.len() {
            self.make_room(text.len());
        }
        self.last.push_str(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    #[test]
    fn pieces_contain_the_text_and_keep_the_size() {
        let mut pieces = Pieces::default();
        let mut text = String::new();
        for n in 0..80_000 {
            let line = format!("señal {n}\n");
            pieces.write_str(&line).unwrap();
            text.push_str(&line);
        }
        let pieces = pieces.finish();
        assert!(pieces.iter().all(|piece| (1..=PIECE_BYTES).contains(&piece.len())));
        assert!(pieces.len() > 3);
        assert_eq!(pieces.concat(), text.into_bytes());
    }

    #[test]
    fn an_empty_text_has_no_pieces() {
        assert!(Pieces::default().finish().is_empty());
    }
}
