use std::io::Cursor;

use bytes::Bytes;
use hound::{SampleFormat, WavSpec, WavWriter};
use weft_domain::{Error, Result};

/// Sound as everybody who hears takes it: 16,000 samples of 16 bits a second, one channel.
pub(crate) struct Pcm {
    samples: Vec<i16>,
}

/// How many samples there are in a second.
pub(crate) const RATE: u32 = 16_000;
/// How many bytes a second takes.
pub(crate) const BYTES_PER_SECOND: usize = 32_000;

impl Pcm {
    /// Reads samples, the lower byte first.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        Self { samples: bytes.as_chunks().0.iter().map(|pair| i16::from_le_bytes(*pair)).collect() }
    }

    /// How long it is.
    pub(crate) fn seconds(&self) -> f64 {
        let count = u32::try_from(self.samples.len()).unwrap_or(u32::MAX);
        f64::from(count) / f64::from(RATE)
    }

    /// A WAV file of it.
    pub(crate) fn wav(&self) -> Result<Bytes> {
        let spec =
            WavSpec { channels: 1, sample_rate: RATE, bits_per_sample: 16, sample_format: SampleFormat::Int };
        let mut file = Cursor::new(Vec::new());
        let mut writer = WavWriter::new(&mut file, spec).map_err(Error::internal)?;
        for sample in &self.samples {
            writer.write_sample(*sample).map_err(Error::internal)?;
        }
        writer.finalize().map_err(Error::internal)?;
        Ok(file.into_inner().into())
    }
}
