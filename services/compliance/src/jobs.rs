pub(crate) mod write_checkpoints;
