//! What the fuzz targets of connectors do with their bytes. They need the whole gateway, so they are apart from the
//! others; the gateway's tests run them on random bytes.

use crm_widgets::connector::file::faults;

/// A connector's file: it can be used, or everything that is wrong with it is said with a line and a fix.
pub fn connector_file(bytes: &[u8]) {
    let lines = bytes.split(|byte| *byte == b'\n').count();
    if let Err(faults) = faults::read(bytes, None) {
        assert!((1..=200).contains(&faults.len()));
        for fault in faults {
            assert!((1..=lines + 1).contains(&fault.place.line) && fault.place.column > 0, "{fault}");
            assert!(!fault.fault.message.is_empty() && !fault.fault.fix.is_empty(), "{fault}");
        }
    }
}
