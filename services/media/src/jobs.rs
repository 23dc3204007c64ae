pub(crate) mod look_into_files;
pub(crate) mod sweep_leftovers;
