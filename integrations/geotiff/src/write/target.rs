//! Replaces a file whole, or not at all.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind, Result, error};

/// Calls `write` with a new file beside the target, and puts it in the target's place once it is complete.
pub(crate) fn replace(path: &Path, write: impl FnOnce(BufWriter<&File>) -> Result<()>) -> Result<()> {
    // A link stays a link, and what it refers to is replaced.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    match fs::symlink_metadata(&target) {
        Ok(old) if !old.is_file() => {
            return Err(error!(Io, "it is no file that can be replaced: a folder, a device, or a link to nothing"));
        }
        Ok(old) if old.permissions().readonly() => return Err(error!(Io, "it is read-only")),
        _ => {}
    }
    let folder = match target.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    if !folder.is_dir() {
        return Err(error!(Io, "there is no folder {}", folder.display()));
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Those of any new file: the process's mask takes away what it takes from others.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let file = builder.tempfile_in(&folder)?;
    if let Ok(old) = fs::metadata(&target) {
        file.as_file().set_permissions(old.permissions())?;
    }
    write(BufWriter::with_capacity(1 << 20, file.as_file()))?;
    file.as_file().sync_all()?;
    match file.persist(&target) {
        Ok(_) => Ok(()),
        Err(failed) => Err(Error::with_source(ErrorKind::Io, failed.error.to_string(), failed.error)),
    }
}
