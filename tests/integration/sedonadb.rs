//! The 48 files that SedonaDB wrote, whole and sliced in memory.

use ndraster::RasterArray;
use ndraster_test_support::manifest::{check_rows_in_place, for_every_column};

#[test]
fn every_file_reads_as_its_manifest_says() {
    for_every_column(|file, name, batches, expected| {
        let mut first = 0;
        for batch in batches {
            let read = RasterArray::from_batch(&batch, name).unwrap_or_else(|e| panic!("{file}: {e}"));
            let rows = &expected[first..first + batch.num_rows()];
            check_rows_in_place(file, &read, rows);
            for offset in 0..rows.len() {
                for len in [1, rows.len() - offset] {
                    let sliced = read.as_struct_array().slice(offset, len);
                    check_rows_in_place(file, &RasterArray::try_from(sliced).unwrap(), &rows[offset..offset + len]);
                    check_rows_in_place(file, &read.slice(offset, len).unwrap(), &rows[offset..offset + len]);
                }
            }
            first += batch.num_rows();
        }
        assert_eq!(first, expected.len(), "{file}");
    });
}
