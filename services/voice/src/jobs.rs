pub(crate) mod forget_done;
