//! Text in pieces of one size, so that text that grows to megabytes is never copied to a larger place.
//!
//! A new page is made while the old one is still handed out. Made of pieces of one size, it fits exactly where the one
//! before the old one was; made of lengths that change a little with every poll, it would leave gaps behind.

use std::fmt;

use bytes::Bytes;

/// Bytes of a piece, more than anything that is written at once. A page of 540,000 series has some hundreds of them.
const PIECE: usize = 256 * 1024;

/// Text under construction.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    full: Vec<Bytes>,
    last: String,
}

impl Pieces {
    /// The text, as pieces of which none is empty.
    pub(super) fn finish(self) -> Vec<Bytes> {
        let Self { mut full, mut last } = self;
        last.shrink_to_fit();
        if !last.is_empty() {
            full.push(Bytes::from(last));
        }
        full
    }
}

impl fmt::Write for Pieces {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.last.len() + text.len() > PIECE {
            let next = String::with_capacity(PIECE);
            self.full.push(Bytes::from(std::mem::replace(&mut self.last, next)));
        } else if self.last.len() + text.len() > self.last.capacity() {
            // Twice the room as a string would take, but never more than a piece has.
            let room = (2 * self.last.capacity()).clamp(self.last.len() + text.len(), PIECE);
            self.last.reserve_exact(room - self.last.len());
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
    fn pieces_are_the_text_and_no_larger_than_they_may_be() {
        let mut pieces = Pieces::default();
        let mut text = String::new();
        for n in 0..80_000 {
            let line = format!("señal {n}\n");
            pieces.write_str(&line).unwrap();
            text.push_str(&line);
        }
        let pieces = pieces.finish();
        assert!(pieces.iter().all(|piece| (1..=PIECE).contains(&piece.len())));
        assert!(pieces.len() > 3);
        assert_eq!(pieces.concat(), text.into_bytes());
    }

    #[test]
    fn no_text_is_no_piece() {
        assert!(Pieces::default().finish().is_empty());
    }
}
