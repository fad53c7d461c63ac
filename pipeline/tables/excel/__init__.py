"""Workbooks as packages: what is in them is copied byte for byte, and edited where it must be.

An .xlsx is a zip of XML parts. Saving it anew through a library loses whatever the library does not
know; so the parts that tags do not concern are copied as they lie in the file, and the sheet's XML
is copied with new cells put into it while it streams by.

    archive    the zip, read: checked for bombs and damage before anything else looks at it
    repack     the zip, written: entries copied, entries made
    kinds      what a file really is, whatever its suffix says
    opendocument, old, compound  how large the sheets of an .ods and of an .xls are
    parts      small XML parts: elements with the bytes they stand at
    source     a workbook that is open for reading, of any kind
    choice     which of its sheets has the postings
    values     its cells as columns
    book       which parts a workbook has, and which sheet is which
    scan       how large a sheet is and what is on it, without its values
    shared     how much text its cells come to
    places     A1 and its like
    cells      values as cells of a sheet
    tail       widths, filter and colours, and their place in the sheet
    surroundings  the other parts that must know of new columns: styles, tables, names
    edit       the sheet copied, with new cells put in
"""
