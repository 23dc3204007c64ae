use super::{name::extension, text};

/// What is looked at to tell a file's type.
pub(crate) const HEAD_BYTES: usize = 8192;
/// A file of which nothing is known, or that says it is something else.
const UNKNOWN: &str = "application/octet-stream";

/// Types that something runs, each with the extensions under which nobody is surprised.
const ACTIVE: &[(&str, &[&str])] = &[
    ("text/html", &["html", "htm", "xhtml", "mht", "mhtml"]),
    ("image/svg+xml", &["svg"]),
    ("text/xml", &["xml", "xsl", "xslt", "xsd", "rss", "atom", "kml", "gpx", "plist"]),
    ("text/x-shellscript", &["sh", "bash", "zsh", "py", "pl", "rb"]),
    ("application/vnd.microsoft.portable-executable", &["exe", "dll", "msi", "scr", "com", "sys"]),
    ("application/x-executable", &["elf", "so", "o", "bin", "run", "appimage"]),
    ("application/x-mach-binary", &["mach", "dylib"]),
    ("application/wasm", &["wasm"]),
    ("application/java", &["class"]),
    ("application/vnd.android.dex", &["dex"]),
    ("application/vnd.android.dey", &["dey"]),
    ("application/x-llvm", &["bc"]),
];

/// What the content leaves open and the extension may say: `(content, extension, type)`.
const FINER: &[(&str, &str, &str)] = &[
    ("text/plain", "csv", "text/csv"),
    ("text/plain", "md", "text/markdown"),
    ("text/plain", "json", "application/json"),
    ("text/plain", "ics", "text/calendar"),
    ("text/plain", "vcf", "text/vcard"),
    ("application/zip", "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("application/zip", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("application/zip", "pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
];

/// The type of a file that begins with `head`. The content decides; name and declared type only say what it leaves open.
///
/// What would run somewhere and is called something else becomes a mere download.
pub(crate) fn decide(head: &[u8], name: &str, declared: &str) -> String {
    let found = infer::get(head)
        .map(|kind| kind.mime_type())
        .filter(|mime| !mime.starts_with("text/"))
        .or_else(|| text::sniff(head))
        .unwrap_or(UNKNOWN);
    let extension = extension(name);
    if let Some((_, honest)) = ACTIVE.iter().find(|(mime, _)| *mime == found)
        && !honest.contains(&extension.as_str())
    {
        return UNKNOWN.to_owned();
    }
    let finer = FINER.iter().find(|(content, said, _)| *content == found && *said == extension);
    match (finer, found) {
        (Some((_, _, mime)), _) => (*mime).to_owned(),
        (None, "audio/m4a") => "audio/mp4".to_owned(),
        (None, "audio/opus") => "audio/ogg".to_owned(),
        // browsers record voice into containers that look like films
        (None, "video/webm" | "video/mp4") if declared.trim_start().starts_with("audio/") => {
            found.replacen("video", "audio", 1)
        }
        (None, other) => other.to_owned(),
    }
}

/// Whether a browser may show it in place (FL-5): raster images, sound, films and PDF; all else is only ever a download.
pub(crate) fn may_be_shown(mime: &str) -> bool {
    const IMAGES: [&str; 6] =
        ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"];
    IMAGES.contains(&mime)
        || mime == "application/pdf"
        || mime.starts_with("audio/")
        || mime.starts_with("video/")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

    #[test]
    fn the_content_decides_whatever_name_and_sender_say() {
        assert_eq!(decide(PNG, "invoice.pdf", "application/pdf"), "image/png");
        assert_eq!(decide(b"%PDF-1.7\n", "a.png", "image/png"), "application/pdf");
        assert_eq!(decide("grüß Gott".as_bytes(), "a.png", "image/png"), "text/plain");
        assert_eq!(decide(b"\x00\x01\x02\x03garbage", "a.mp4", "video/mp4"), "application/octet-stream");
        assert_eq!(decide(b"a,b\n1,2\n", "list.CSV", ""), "text/csv");
        let webm = [b"\x1a\x45\xdf\xa3\x42\x82\x84webm".as_slice(), &[0; 300]].concat();
        assert_eq!(decide(&webm, "voice.webm", "audio/webm;codecs=opus"), "audio/webm");
        assert_eq!(decide(&webm, "film.webm", ""), "video/webm");
    }

    #[test]
    fn what_would_run_and_is_called_something_else_is_only_a_download() {
        let exe = [b"MZ".as_slice(), &[0; 64]].concat();
        let svg = b"<?xml version='1.0'?><!-- x --><svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>";
        let html = b"\xef\xbb\xbf <!-- a --> <HTML><script>alert(1)</script>";
        for (content, lie, honest, mime) in [
            (exe.as_slice(), "photo.jpg", "setup.exe", "application/vnd.microsoft.portable-executable"),
            (svg, "photo.png", "logo.svg", "image/svg+xml"),
            (html, "photo.jpg", "page.html", "text/html"),
            (b"#!/bin/sh\nrm -rf /", "notes.txt", "run.sh", "text/x-shellscript"),
        ] {
            assert_eq!(decide(content, lie, "image/jpeg"), "application/octet-stream", "{lie}");
            assert_eq!(decide(content, honest, "image/jpeg"), mime);
            assert!(!may_be_shown(mime), "{mime}");
        }
        assert!(may_be_shown("image/png") && !may_be_shown("application/octet-stream"));
    }

    #[test]
    fn text_may_be_cut_inside_a_character() {
        let text = "é".repeat(HEAD_BYTES);
        assert_eq!(decide(text.as_bytes().get(..HEAD_BYTES - 1).unwrap(), "a", ""), "text/plain");
    }
}
