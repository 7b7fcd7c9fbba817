//! Documents of our own: the shapes in which others stand beside a message or inside one.

/// Name and XML text.
pub const SHAPES: [(&str, &str); 5] = [
    (
        "shape: DevInf",
        "<DevInf xmlns=\"syncml:devinf\"><VerDTD>1.2</VerDTD><Man>Marconi</Man><Mod>Spark</Mod>\
         <DevID>IMEI:493005100592800</DevID><DevTyp>phone</DevTyp><UTC/>\
         <DataStore><SourceRef>./c</SourceRef><Rx-Pref><CTType>text/x</CTType><VerCT>1</VerCT></Rx-Pref>\
         <SyncCap><SyncType>1</SyncType></SyncCap></DataStore></DevInf>",
    ),
    (
        "shape: DevInf in Results",
        "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncBody><Results><CmdID>1</CmdID>\
         <Meta><Type xmlns=\"syncml:metinf\">application/vnd.syncml-devinf+xml</Type></Meta>\
         <Item><Source><LocURI>./devinf12</LocURI></Source><Data><DevInf xmlns=\"syncml:devinf\">\
         <VerDTD>1.2</VerDTD><Man>Marconi</Man></DevInf></Data></Item></Results><Final/></SyncBody></SyncML>",
    ),
    (
        "shape: MetInf around Meta",
        "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncBody><Replace><CmdID>1</CmdID>\
         <Meta><MetInf xmlns=\"syncml:metinf\"><Format>chr</Format><Type>text/plain</Type>\
         <Size>2</Size></MetInf></Meta><Item><Target><LocURI>./A</LocURI></Target><Data>on</Data>\
         </Item></Replace><Final/></SyncBody></SyncML>",
    ),
    (
        "shape: TNDS",
        "<MgmtTree xmlns=\"syncml:dmddf1.2\"><VerDTD>1.2</VerDTD><Node><NodeName>A</NodeName>\
         <RTProperties><Format><chr/></Format><Type><MIME>text/plain</MIME></Type></RTProperties>\
         <Value>on</Value></Node></MgmtTree>",
    ),
    (
        "shape: TNDS as octets",
        "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncBody><Add><CmdID>1</CmdID><Item>\
         <Target><LocURI>./A</LocURI></Target><Meta><Format xmlns=\"syncml:metinf\">bin</Format>\
         <Type xmlns=\"syncml:metinf\">application/vnd.syncml.dmtnds+wbxml</Type></Meta>\
         <Data>AgAAahstLy9PTUEvL0RURC1ETS1EREYgMS4yLy9FTgAAAmB3AzEuMgABZGYDTgABb1wLAXVhA3RleHQvcGxhaW4AAQEBdgN2AAEBAQ==</Data>\
         </Item></Add><Final/></SyncBody></SyncML>",
    ),
];
