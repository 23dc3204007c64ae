const LONGEST_CHARS: usize = 150;
const LONGEST_EXTENSION: usize = 16;
const NAMELESS: &str = "file";

/// A file's name as it may be shown and suggested: the last part of whatever path it came with, without characters
/// that hide, turn around or mean something to a file system.
pub(crate) fn clean(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).find(|part| !part.trim_matches([' ', '.']).is_empty());
    let kept: String = last.unwrap_or_default().chars().filter(|c| !is_unwanted(*c)).collect();
    let name = kept.trim_matches([' ', '.']);
    if name.is_empty() { NAMELESS.to_owned() } else { shorten(name) }
}

/// The extension, in lower case; empty when there is none.
pub(crate) fn extension(name: &str) -> String {
    name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default()
}

/// A long name keeps its extension.
fn shorten(name: &str) -> String {
    let count = name.chars().count();
    if count <= LONGEST_CHARS {
        return name.to_owned();
    }
    let Some((stem, extension)) = name.rsplit_once('.').filter(|(_, end)| end.len() <= LONGEST_EXTENSION)
    else {
        return name.chars().take(LONGEST_CHARS).collect();
    };
    let room = LONGEST_CHARS - extension.chars().count() - 1;
    let short: String = stem.chars().take(room).collect();
    format!("{}.{extension}", short.trim_end())
}

fn is_unwanted(c: char) -> bool {
    let is_invisible = matches!(
        c,
        '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    );
    c.is_control() || is_invisible || "<>:\"|?*".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_path_and_nothing_that_hides_stays_in_a_name() {
        for (given, kept) in [
            ("../../etc/passwd", "passwd"),
            ("..\\..\\windows\\system.ini", "system.ini"),
            ("/", "file"),
            ("..", "file"),
            ("", "file"),
            ("folder/", "folder"),
            ("a\0b\r\nc.txt", "abc.txt"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            ("C:\\a:b?.txt", "ab.txt"),
            ("Übersicht 2026.pdf", "Übersicht 2026.pdf"),
            ("写真.jpg", "写真.jpg"),
        ] {
            assert_eq!(clean(given), kept, "{given:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let name = clean(&format!("{}.jpeg", "é".repeat(1000)));
        assert_eq!(name.chars().count(), LONGEST_CHARS);
        assert_eq!(extension(&name), "jpeg");
        assert_eq!(clean(&"x".repeat(1000)).len(), LONGEST_CHARS);
    }
}
