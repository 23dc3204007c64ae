//! Which types of files visitors may send.

use weft_domain::{Error, Result, media_type};

const OFFICE: &str = "application/vnd.openxmlformats-officedocument.";

/// What people send each other, and nothing that runs.
pub(crate) fn usual() -> Vec<String> {
    let plain =
        ["image/*", "audio/*", "video/*", "text/plain", "text/csv", "application/pdf"].map(str::to_owned);
    let office = ["wordprocessingml.document", "spreadsheetml.sheet", "presentationml.presentation"];
    plain.into_iter().chain(office.map(|kind| format!("{OFFICE}{kind}"))).collect()
}

/// Checks a list of types.
pub(crate) fn validate(accepted: &[String]) -> Result<()> {
    let is_type = |pattern: &String| {
        pattern
            .split_once('/')
            .is_some_and(|(kind, name)| !kind.is_empty() && !kind.contains('*') && !name.is_empty())
    };
    match accepted.iter().position(|pattern| !is_type(pattern)) {
        None => Ok(()),
        Some(index) => {
            let field = format!("settings.accepted_files[{index}]");
            Err(Error::invalid_field(&field, "it must be like `image/*` or `application/pdf`"))
        }
    }
}

/// Refuses a type that is not on the list.
pub(crate) fn check(accepted: &[String], mime: &str) -> Result<()> {
    media_type::check(accepted, mime)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_types_of_the_list_are_taken() {
        let (usual, pdf) = (usual(), ["application/pdf".to_owned()]);
        for mime in ["image/png", "IMAGE/JPEG; x=y", "application/pdf", "audio/webm"] {
            assert!(check(&usual, mime).is_ok(), "{mime}");
        }
        for mime in ["image/svg+xml", "text/html", "application/octet-stream", "", "application/pdfx"] {
            assert_eq!(check(&usual, mime).unwrap_err().reason(), "file_type_refused", "{mime}");
        }
        assert!(check(&pdf, "application/pdf").is_ok() && check(&pdf, "image/png").is_err());
        assert!(check(&[], "image/png").is_err());
        assert!(check(&["image/svg+xml".to_owned()], "image/svg+xml").is_ok());
    }
}
