//! One gzip member made of parts that were compressed apart.
//!
//! A deflate stream may be cut at byte boundaries: each part but the last ends with a sync flush, so parts that refer to
//! nothing before them can be put one after the other. The trailer's checksum is combined from those of the parts. Large
//! parts are compressed once and serve both formats; only the last, small part is compressed for a scrape.

use bytes::Bytes;
use flate2::{Compress, Compression, Crc, FlushCompress, Status};

/// What a member starts with: deflate, no name, no time, unknown system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// Bytes that are compressed into one piece of memory at most.
const PIECE: usize = 256 * 1024;

/// Compresses parts, one after the other, each on its own.
#[derive(Debug)]
pub(super) struct Deflater(Compress);

/// A part and the checksum of what it was.
#[derive(Debug)]
pub(super) struct Part {
    deflated: Vec<Bytes>,
    crc: Crc,
}

/// A member under construction.
#[derive(Debug)]
pub(super) struct Member {
    /// Header and parts so far; the memory of a part is shared by all members that it is in.
    pub(super) pieces: Vec<Bytes>,
    /// Checksum and length of what they were.
    crc: Crc,
}

impl Deflater {
    /// Level 6, as gzip's own default: for what is compressed once and sent often.
    pub(super) fn thorough() -> Self {
        Self(Compress::new(Compression::new(6), false))
    }

    /// For what is compressed to be sent once.
    pub(super) fn quick() -> Self {
        Self(Compress::new(Compression::fast(), false))
    }

    /// A part that others follow.
    pub(super) fn part<'a>(&mut self, data: impl IntoIterator<Item = &'a Bytes>) -> Part {
        self.deflate(data.into_iter().map(|piece| &**piece), FlushCompress::Sync)
    }

    /// The last part.
    pub(super) fn last(&mut self, data: &[u8]) -> Part {
        self.deflate([data], FlushCompress::Finish)
    }

    fn deflate<'a>(&mut self, data: impl IntoIterator<Item = &'a [u8]>, end: FlushCompress) -> Part {
        self.0.reset();
        let mut output = Output::default();
        let mut crc = Crc::new();
        for piece in data {
            self.feed(piece, FlushCompress::None, &mut output);
            crc.update(piece);
        }
        self.feed(&[], end, &mut output);
        Part { deflated: output.finish(), crc }
    }

    fn feed(&mut self, data: &[u8], flush: FlushCompress, output: &mut Output) {
        let before = self.0.total_in();
        loop {
            let consumed = (self.0.total_in() - before) as usize;
            let room = output.room();
            let status = self
                .0
                .compress_vec(&data[consumed..], room, flush)
                .expect("the compressor was reset and its output is never taken away");
            // Room left over means that nothing is held back that should not be.
            let is_taken = (self.0.total_in() - before) as usize == data.len() && room.len() < room.capacity();
            if status == Status::StreamEnd || flush != FlushCompress::Finish && is_taken {
                return;
            }
        }
    }
}

/// What has been compressed.
#[derive(Default)]
struct Output {
    full: Vec<Bytes>,
    last: Vec<u8>,
}

impl Output {
    /// Where there is room for more.
    fn room(&mut self) -> &mut Vec<u8> {
        let capacity = self.last.capacity();
        if self.last.len() == capacity {
            if capacity < PIECE {
                self.last.reserve_exact((4 * capacity).clamp(1024, PIECE) - capacity);
            } else {
                self.full.push(Bytes::from(std::mem::replace(&mut self.last, Vec::with_capacity(PIECE))));
            }
        }
        &mut self.last
    }

    fn finish(mut self) -> Vec<Bytes> {
        self.last.shrink_to_fit();
        self.full.push(Bytes::from(self.last));
        self.full
    }
}

impl Member {
    pub(super) fn new() -> Self {
        Self { pieces: vec![Bytes::from_static(&HEADER)], crc: Crc::new() }
    }

    pub(super) fn push(&mut self, part: &Part) {
        self.pieces.extend_from_slice(&part.deflated);
        self.crc.combine(&part.crc);
    }

    /// The end of it: the last part and the trailer.
    pub(super) fn end(&self, last: &Part) -> Vec<u8> {
        let mut crc = Crc::new();
        crc.combine(&self.crc);
        crc.combine(&last.crc);
        let mut bytes = last.deflated.concat();
        bytes.extend_from_slice(&crc.sum().to_le_bytes());
        bytes.extend_from_slice(&crc.amount().to_le_bytes());
        bytes
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;
    use proptest::prelude::*;

    use super::*;

    fn joined(parts: &[Vec<u8>], last: &[u8]) -> Vec<u8> {
        let mut deflater = Deflater::thorough();
        let mut member = Member::new();
        for part in parts {
            // Cut somewhere: what it was in pieces reads the same.
            let (one, other) = part.split_at(part.len() / 3);
            member.push(&deflater.part(&[one, other].map(Bytes::copy_from_slice)));
        }
        [member.pieces.concat(), member.end(&Deflater::quick().last(last))].concat()
    }

    /// Reads one member only and fails if anything follows it.
    fn read(gzip: &[u8]) -> Vec<u8> {
        let mut decoder = GzDecoder::new(gzip);
        let mut text = Vec::new();
        decoder.read_to_end(&mut text).unwrap();
        assert!(decoder.into_inner().is_empty(), "bytes follow the member");
        text
    }

    proptest! {
        #[test]
        fn parts_read_as_what_they_were(parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..3000), 0..6), last in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert_eq!(read(&joined(&parts, &last)), [parts.concat(), last].concat());
        }
    }

    #[test]
    fn a_large_part_that_compresses_badly_is_read_whole() {
        let mut state = 1_u32;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .take(1_000_000)
        .collect();
        assert_eq!(read(&joined(std::slice::from_ref(&noise), b"end")), [noise, b"end".to_vec()].concat());
    }

    #[test]
    fn a_part_refers_to_nothing_before_it() {
        let text = Bytes::from(b"the same words again and again".repeat(50));
        let mut deflater = Deflater::thorough();
        deflater.part([&text]);
        let second = deflater.part([&text]);
        let mut member = Member::new();
        member.push(&second);
        assert_eq!(read(&[member.pieces.concat(), member.end(&Deflater::quick().last(b""))].concat()), text);
    }
}
