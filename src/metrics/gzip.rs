//! One gzip member made of parts that were compressed apart.
//!
//! A deflate stream may be cut at byte boundaries: each part but the last ends with a sync flush, so parts that refer to
//! nothing before them can be put one after the other. The trailer's checksum is combined from those of the parts. Large
//! parts are compressed once and serve both formats; only the last, small part is compressed for a scrape.

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

/// What a member starts with: deflate, no name, no time, unknown system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// Compresses parts, one after the other, each on its own.
#[derive(Debug)]
pub(super) struct Deflater(Compress);

/// A part and the checksum of what it was.
#[derive(Debug)]
pub(super) struct Part {
    deflated: Vec<u8>,
    crc: Crc,
}

/// A member under construction.
#[derive(Debug)]
pub(super) struct Member {
    /// Header and parts so far.
    pub(super) bytes: Vec<u8>,
    /// Checksum and length of what they were.
    pub(super) crc: Crc,
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
    pub(super) fn part(&mut self, data: &[u8]) -> Part {
        self.deflate(data, FlushCompress::Sync)
    }

    /// The last part.
    pub(super) fn last(&mut self, data: &[u8]) -> Part {
        self.deflate(data, FlushCompress::Finish)
    }

    fn deflate(&mut self, data: &[u8], flush: FlushCompress) -> Part {
        self.0.reset();
        let mut deflated = Vec::with_capacity(data.len() / 12 + 64);
        loop {
            let consumed = self.0.total_in() as usize;
            let status = self
                .0
                .compress_vec(&data[consumed..], &mut deflated, flush)
                .expect("the compressor was reset and its output is never taken away");
            // Room left over means that nothing is held back.
            if status == Status::StreamEnd
                || (flush == FlushCompress::Sync
                    && self.0.total_in() as usize == data.len()
                    && deflated.len() < deflated.capacity())
            {
                break;
            }
            deflated.reserve(deflated.capacity() / 2 + 64);
        }
        let mut crc = Crc::new();
        crc.update(data);
        Part { deflated, crc }
    }
}

impl Member {
    pub(super) fn new() -> Self {
        Self { bytes: HEADER.to_vec(), crc: Crc::new() }
    }

    pub(super) fn push(&mut self, part: &Part) {
        self.bytes.extend_from_slice(&part.deflated);
        self.crc.combine(&part.crc);
    }
}

/// The end of a member whose parts so far have the checksum `before`: the last part and the trailer.
pub(super) fn end(before: &Crc, last: Part) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.combine(before);
    crc.combine(&last.crc);
    let mut bytes = last.deflated;
    bytes.extend_from_slice(&crc.sum().to_le_bytes());
    bytes.extend_from_slice(&crc.amount().to_le_bytes());
    bytes
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
            let part = deflater.part(part);
            member.push(&part);
        }
        let end = end(&member.crc, Deflater::quick().last(last));
        [member.bytes, end].concat()
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
        let text = b"the same words again and again".repeat(50);
        let mut deflater = Deflater::thorough();
        deflater.part(&text);
        let second = deflater.part(&text);
        let mut member = Member::new();
        member.push(&second);
        let end = end(&member.crc, Deflater::quick().last(b""));
        assert_eq!(read(&[member.bytes, end].concat()), text);
    }
}
