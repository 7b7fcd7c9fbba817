//! PKCS#11 libraries, each loaded and begun with once for the whole program.
//!
//! None is ever ended with: C_Finalize would take the sessions of all that use it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};

use crate::error::{HsmError, Said};
use crate::uri::Uri;

static LOADED: Mutex<Option<HashMap<PathBuf, Pkcs11>>> = Mutex::new(None);

/// The variable that names the library if the URI does not.
const USUAL: &str = "MGRAM_PKCS11_MODULE";

/// The library of a URI, ready.
pub(crate) fn load(uri: &Uri) -> Result<(Pkcs11, PathBuf), HsmError> {
    let given = uri.module_path.clone().or_else(|| std::env::var_os(USUAL).map(PathBuf::from));
    let path = given.filter(|path| !path.as_os_str().is_empty());
    let path = path.ok_or_else(|| HsmError::ModuleUnnamed { uri: uri.to_string().into() })?;
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    let all = loaded.get_or_insert_default();
    if let Some(module) = all.get(&path) {
        return Ok((module.clone(), path));
    }
    let module = Pkcs11::new(&path).map_err(|error| failed(&path, &error))?;
    begin(&module).map_err(|error| failed(&path, &error))?;
    all.insert(path.clone(), module.clone());
    Ok((module, path))
}

/// C_Initialize; that another part of the program was first is as good.
pub(crate) fn begin(module: &Pkcs11) -> Result<(), Error> {
    match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(()),
        outcome => outcome,
    }
}

fn failed(path: &Path, error: &Error) -> HsmError {
    HsmError::Module { path: path.display().to_string().into(), said: Said::from(error) }
}
