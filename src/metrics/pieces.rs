//! Bytes in pieces of one size, so that a page of megabytes is never copied into a larger buffer while it grows.
//!
//! Together with `gzip`, this keeps the budget of a scrape: a page of 540,000 series costs about 1 ms of processor
//! time. Scrapes share the pieces and copy nothing.
//!
//! A whole piece has memory pages of its own and not a part of the heap, so the system gets them back as soon as the
//! last scrape that reads the piece has ended. The allocator would keep the memory of old pages for the process: after
//! 39 slow readers of a page of 60 MB, 228 MB stayed in use.

use std::fmt;

use bytes::Bytes;
use memmap2::MmapMut;

/// The size of a whole piece in bytes. A page of 540,000 series has some hundreds of pieces, and asking the system for
/// the memory of a piece takes a small part of the time in which it is filled.
const PIECE_BYTES: usize = 256 * 1024;

/// Up to this many bytes are on the heap, because most pages are small, and memory of the system comes in pages of 4 KiB.
const HEAP_BYTES: usize = 64 * 1024;

/// Bytes that are being written.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    full: Vec<Bytes>,
    last: Piece,
}

/// The piece that is being written.
#[derive(Debug)]
enum Piece {
    /// The beginning, on the heap. It grows up to [`HEAP_BYTES`].
    Growing(Vec<u8>),
    /// A whole piece. The system provides memory only for the bytes that are written.
    Whole { memory: MmapMut, length: usize },
}

impl Pieces {
    /// Adds bytes.
    pub(super) fn push(&mut self, mut bytes: &[u8]) {
        while self.last.free() < bytes.len() {
            let (fit, rest) = bytes.split_at(self.last.free());
            self.last.push(fit);
            bytes = rest;
            self.make_room(bytes.len());
        }
        self.last.push(bytes);
    }

    /// The bytes in pieces. No piece is empty.
    pub(super) fn finish(self) -> Vec<Bytes> {
        let Self { mut full, last } = self;
        full.extend(last.into_bytes());
        full
    }

    // Not inlined, so that the many short writes that fit stay short.
    #[cold]
    #[inline(never)]
    fn make_room(&mut self, bytes: usize) {
        if let Piece::Growing(text) = &mut self.last {
            // Double the capacity, as a `Vec` does, but up to a limit only.
            let capacity = (2 * text.capacity()).max(text.len() + bytes);
            if capacity <= HEAP_BYTES {
                text.reserve_exact(capacity - text.len());
                return;
            }
        }
        let mut whole = Piece::whole();
        match &mut self.last {
            Piece::Growing(text) if text.len() <= HEAP_BYTES => whole.push(text),
            last => self.full.extend(std::mem::take(last).into_bytes()),
        }
        self.last = whole;
    }
}

impl Default for Piece {
    fn default() -> Self {
        Self::Growing(Vec::new())
    }
}

impl Piece {
    fn whole() -> Self {
        match MmapMut::map_anon(PIECE_BYTES) {
            Ok(memory) => Self::Whole { memory, length: 0 },
            // The system limits the number of such areas, not only their size. The heap may still have memory.
            Err(_) => Self::Growing(Vec::with_capacity(PIECE_BYTES)),
        }
    }

    fn free(&self) -> usize {
        match self {
            Self::Growing(text) => text.capacity() - text.len(),
            Self::Whole { memory, length } => memory.len() - length,
        }
    }

    /// Adds bytes for which there is room.
    fn push(&mut self, bytes: &[u8]) {
        match self {
            Self::Growing(text) => text.extend_from_slice(bytes),
            Self::Whole { memory, length } => {
                memory[*length..][..bytes.len()].copy_from_slice(bytes);
                *length += bytes.len();
            }
        }
    }

    fn into_bytes(self) -> Option<Bytes> {
        match self {
            Self::Growing(mut text) => {
                text.shrink_to_fit();
                (!text.is_empty()).then(|| Bytes::from(text))
            }
            Self::Whole { memory, length } => (length > 0).then(|| Bytes::from_owner(memory).slice(..length)),
        }
    }
}

impl fmt::Write for Pieces {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text.as_bytes());
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
    fn bytes_of_any_length_are_split_into_pieces() {
        for length in [1, HEAP_BYTES, HEAP_BYTES + 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES + 7] {
            let bytes: Vec<u8> = (0..length).map(|n| n as u8).collect();
            for before in [&b""[..], b"before"] {
                let mut pieces = Pieces::default();
                pieces.push(before);
                pieces.push(&bytes);
                pieces.push(b"after");
                assert_eq!(pieces.finish().concat(), [before, &bytes, b"after"].concat(), "{length}");
            }
        }
    }

    #[test]
    fn the_pieces_of_a_large_page_are_not_on_the_heap() {
        let mut pieces = Pieces::default();
        (0..PIECE_BYTES).for_each(|_| pieces.push(b"0123456789"));
        assert!(matches!(pieces.last, Piece::Whole { .. }));
        let full = pieces.full.iter().map(Bytes::len).collect::<Vec<_>>();
        assert_eq!(full, [PIECE_BYTES; 9]);
    }

    #[test]
    fn an_empty_text_has_no_pieces() {
        assert!(Pieces::default().finish().is_empty());
    }
}
