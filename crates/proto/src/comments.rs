use std::collections::HashMap;

use crate::POOL;

/// What `proto/` says about each thing, by file and by the thing's path in its descriptor.
#[derive(Debug)]
pub struct Comments(HashMap<(String, Vec<i32>), String>);

impl Comments {
    /// Reads all comments.
    pub fn read() -> Self {
        let mut comments = HashMap::new();
        for file in POOL.files().filter(|file| file.package_name().starts_with("weft.")) {
            let Some(info) = &file.file_descriptor_proto().source_code_info else { continue };
            for location in info.location.iter().filter(|location| location.leading_comments.is_some()) {
                let text = location.leading_comments().trim().replace("\n ", " ");
                comments.insert((file.name().to_owned(), location.path.clone()), text);
            }
        }
        Self(comments)
    }

    /// The comment on the thing at this path.
    pub fn of(&self, file: &str, path: &[i32]) -> Option<&str> {
        self.0.get(&(file.to_owned(), path.to_vec())).map(String::as_str)
    }
}
