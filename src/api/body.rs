//! The body of a response: decompressed while it arrives, with a limit for its size.
//!
//! The HTTP client could decompress it too, but it refuses gzip of several members, which servers may send.

use std::io::{Error, ErrorKind, Result, Write};

use flate2::write::MultiGzDecoder;

/// A body of this size or more gets [`LARGE_CAPACITY`].
const LARGE: usize = 256 * 1024;

/// The capacity for a body of up to 60,000 rows, reserved at once, so that the body is not copied while it grows. This
/// reserves address space; memory is used only for the bytes that are written. glibc returns blocks of more than 32 MiB
/// to the system when they are freed, so no thread keeps them while other threads receive responses.
const LARGE_CAPACITY: usize = 40 * 1024 * 1024;

/// A body that is arriving.
pub(super) enum BodyReader {
    /// As it is sent.
    Plain(LimitedBuffer),
    /// Compressed; boxed, because the state of the decoder is large.
    Gzip(Box<MultiGzDecoder<LimitedBuffer>>),
}

/// The decompressed bytes so far.
#[derive(Debug)]
pub(super) struct LimitedBuffer {
    bytes: Vec<u8>,
    limit: usize,
}

impl BodyReader {
    /// A reader for a body that the server sends as it is, in `announced` bytes if that is known, else 0.
    pub(super) fn plain(limit: usize, announced: usize) -> Self {
        let capacity = if announced < LARGE { announced } else { announced.max(LARGE_CAPACITY) };
        Self::Plain(LimitedBuffer { bytes: Vec::with_capacity(capacity), limit })
    }

    /// A reader for a body in gzip, of one member or several.
    pub(super) fn gzip(limit: usize) -> Self {
        Self::Gzip(Box::new(MultiGzDecoder::new(LimitedBuffer { bytes: Vec::new(), limit })))
    }

    /// Adds the next bytes that were received.
    ///
    /// # Errors
    /// [`ErrorKind::FileTooLarge`] when the body is larger than the limit, and any other kind when it is not gzip.
    pub(super) fn push(&mut self, received: &[u8]) -> Result<()> {
        match self {
            Self::Plain(buffer) => buffer.write_all(received),
            Self::Gzip(decoder) => decoder.write_all(received),
        }
    }

    /// The whole body, after the last bytes were received.
    ///
    /// # Errors
    /// As [`BodyReader::push`], also when gzip does not end or its checksum is wrong.
    pub(super) fn finish(self) -> Result<Vec<u8>> {
        match self {
            Self::Plain(buffer) => Ok(buffer.bytes),
            Self::Gzip(decoder) => Ok(decoder.finish()?.bytes),
        }
    }
}

impl Write for LimitedBuffer {
    fn write(&mut self, received: &[u8]) -> Result<usize> {
        let length = self.bytes.len() + received.len();
        if length > self.limit {
            return Err(Error::from(ErrorKind::FileTooLarge));
        }
        if length >= LARGE && self.bytes.capacity() < LARGE_CAPACITY {
            self.bytes.reserve_exact(LARGE_CAPACITY - self.bytes.len());
        }
        self.bytes.extend_from_slice(received);
        Ok(received.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}
