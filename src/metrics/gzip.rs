//! One gzip member made of parts that were compressed separately.
//!
//! The budget: a scrape of 540,000 series costs about 1 ms of processor time. Compressing such a page for every scrape
//! would cost some hundred times more. So the large parts are compressed once, when a value changes. For a scrape, only
//! the last, small part is compressed, and the compressed parts are sent one after the other.
//!
//! This works because each part except the last ends with a sync flush at a byte boundary, and no part refers to data
//! before it. The checksum in the trailer is combined from the checksums of the parts.

use bytes::Bytes;
use flate2::{Compress, Compression, Crc, FlushCompress, Status};

use super::pieces::Pieces;

/// The header of a member: deflate, no name, no time, unknown system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// The size of the buffer between the compressor and the pieces, in bytes. It is on the stack.
const BUFFER_BYTES: usize = 16 * 1024;

/// Compresses parts one after the other, each independently of the others.
#[derive(Debug)]
pub(super) struct Deflater(Compress);

/// A compressed part and the checksum of its data.
#[derive(Debug)]
pub(super) struct Part {
    deflated: Vec<Bytes>,
    crc: Crc,
}

/// A member that is not complete yet.
#[derive(Debug)]
pub(super) struct Member {
    /// The header and the parts so far. Members that have a part in common share its memory.
    pub(super) pieces: Vec<Bytes>,
    /// The checksum and the length of the uncompressed data.
    crc: Crc,
}

impl Deflater {
    /// Level 6, the default of gzip, for data that is compressed once and sent often.
    pub(super) fn thorough() -> Self {
        Self(Compress::new(Compression::new(6), false))
    }

    /// The fastest level, for data that is sent once.
    pub(super) fn quick() -> Self {
        Self(Compress::new(Compression::fast(), false))
    }

    /// Compresses a part that is followed by others.
    pub(super) fn part<'a>(&mut self, data: impl IntoIterator<Item = &'a Bytes>) -> Part {
        self.deflate(data.into_iter().map(|piece| &**piece), FlushCompress::Sync)
    }

    /// Compresses the last part.
    pub(super) fn last(&mut self, data: &[u8]) -> Part {
        self.deflate([data], FlushCompress::Finish)
    }

    fn deflate<'a>(&mut self, data: impl IntoIterator<Item = &'a [u8]>, end: FlushCompress) -> Part {
        self.0.reset();
        let mut output = Pieces::default();
        let mut crc = Crc::new();
        for piece in data {
            self.feed(piece, FlushCompress::None, &mut output);
            crc.update(piece);
        }
        self.feed(&[], end, &mut output);
        Part { deflated: output.finish(), crc }
    }

    fn feed(&mut self, data: &[u8], flush: FlushCompress, output: &mut Pieces) {
        let (total_in, mut buffer) = (self.0.total_in(), [0; BUFFER_BYTES]);
        loop {
            let consumed = (self.0.total_in() - total_in) as usize;
            let total_out = self.0.total_out();
            let status = self.0.compress(&data[consumed..], &mut buffer, flush);
            let status = status.expect("deflate with valid settings does not fail");
            let written = (self.0.total_out() - total_out) as usize;
            output.push(&buffer[..written]);
            // Free space in the buffer means that the compressor has written everything that it can.
            let is_done = (self.0.total_in() - total_in) as usize == data.len() && written < buffer.len();
            if status == Status::StreamEnd || flush != FlushCompress::Finish && is_done {
                return;
            }
        }
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

    /// The end of the member: the last part and the trailer.
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
            // Compress the part from two pieces.
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
        fn a_member_contains_the_data_of_its_parts(parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..3000), 0..6), last in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert_eq!(read(&joined(&parts, &last)), [parts.concat(), last].concat());
        }
    }

    #[test]
    fn a_large_part_that_is_hard_to_compress_is_complete() {
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
