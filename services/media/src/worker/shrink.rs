use std::io::{Cursor, Read as _, Write as _};

use bytes::Bytes;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits, codecs::jpeg::JpegEncoder};

use crate::picture::{JPEG, Made, PNG, Picture, Variant};

const QUALITY: u8 = 82;
/// The largest side that any of our decoders is asked for.
const LONGEST_SIDE: u32 = 32_768;
/// Four bytes for a colour and its opacity, and as much again to work with.
const BYTES_PER_PIXEL: u64 = 8;

/// Reads a picture, makes smaller ones, and writes them out; none when it is not a picture or too large a one.
pub(super) fn run(most_pixels: u64, most_bytes: u64) -> Option<()> {
    let mut read = Vec::new();
    std::io::stdin().take(most_bytes.checked_add(1)?).read_to_end(&mut read).ok()?;
    if u64::try_from(read.len()).ok()? > most_bytes {
        return None;
    }
    let made = make(&read, most_pixels)?;
    let mut out = std::io::stdout();
    out.write_all(&made.write().ok()?).ok()?;
    out.flush().ok()
}

/// Smaller pictures, turned as the camera was held, of pixels alone: all else that was in the file stays behind.
pub(super) fn make(bytes: &[u8], most_pixels: u64) -> Option<Made> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let known = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP];
    reader.format().filter(|format| known.contains(format))?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(most_pixels.saturating_mul(BYTES_PER_PIXEL));
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    // before a single pixel is decoded (FL-2)
    if u64::from(width) * u64::from(height) > most_pixels {
        return None;
    }
    let orientation = decoder.orientation().ok()?;
    let mut whole = DynamicImage::from_decoder(decoder).ok()?;
    whole.apply_orientation(orientation);
    let pictures = Variant::ALL.into_iter().map(|variant| smaller(&whole, variant)).collect::<Option<_>>()?;
    Some(Made { width: whole.width(), height: whole.height(), pictures })
}

fn smaller(whole: &DynamicImage, variant: Variant) -> Option<Picture> {
    let side = variant.side();
    let fits = whole.width() <= side && whole.height() <= side;
    let picture = if fits { whole.clone() } else { whole.thumbnail(side, side) };
    let mut bytes = Vec::new();
    let mime = if picture.color().has_alpha() {
        let pixels = DynamicImage::ImageRgba8(picture.to_rgba8());
        pixels.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).ok()?;
        PNG
    } else {
        JpegEncoder::new_with_quality(&mut bytes, QUALITY).encode_image(&picture.to_rgb8()).ok()?;
        JPEG
    };
    Some(Picture {
        variant,
        mime,
        width: picture.width(),
        height: picture.height(),
        bytes: Bytes::from(bytes),
    })
}
