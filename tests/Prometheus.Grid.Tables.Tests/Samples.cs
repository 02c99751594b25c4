using System.IO.Compression;
using System.Text;

namespace Prometheus.Grid.Tables.Tests;

/// <summary>Small sound files of every way in, for tests to spoil.</summary>
internal static class Samples
{
    public const string Prices =
        "instrument_id,trade_date,open,high,low,close,adjusted_close,volume,currency\nA,2024-01-02,1,2,0.5,1.5,1.4,100,USD\nA,2024-01-03,,,,1.6,1.5,90,USD\n"
        + "\"B,1\",2024-01-02,1,2,0.5,1.5,,100,\"U\"\"S\"\n";

    public const string Markets = "market_id,name,region,timezone\nM,\"a, market\",US,UTC\nN,Bourse de Genève,CH,Europe/Zurich\n";

    public const string Issuers = "issuer_id,issuer_type,name,country,sector,industry\nI,CORPORATE,\"24\"\" Screens\",US,Tech,\"Screens\nand frames\"\nJ,CORPORATE,J,US,,\n";

    public const string Instruments =
        "instrument_id,issuer_id,market_id,asset_class,symbol,exchange,currency,status\nA,I,M,EQUITY,A,X,USD,ACTIVE\nB,J,M,EQUITY,B,X,USD,ACTIVE\n";

    public const string Profiles =
        "issuer_id,as_of_date,structured\nI,2024-01-02,\"{\"\"business_description\"\": \"\"makes screens\"\", \"\"risk_summary\"\": \"\"none\"\"}\"\nJ,2024-01-02,{}\n";

    public const string Reports =
        "portfolio_id,as_of_date,risk_metrics,exposures_by_sector,exposures_by_factor\nP,2024-01-02,\"{\"\"vol\"\": 0.2}\",\"{\"\"Tech\"\": 1}\",{}\nQ,2024-01-02,\"{\"\"vol\"\": 0.1}\",{},{}\n";

    public const string Positions = "portfolio_id,as_of_date,instrument_id,weight\nP,2024-01-02,A,0.5\nP,2024-01-02,B,0.5\n";

    public const string Vectors = "entity_id,as_of_date,instrument_id,region,source,origin,v0,v1\nI,2024-01-02,A,US,s,o,0.5,-1\nJ,2024-01-02,,,,o,1e-3,2\n";

    public const string VectorLines =
        "{\"entity_id\": \"I\", \"as_of_date\": \"2024-01-02\", \"vector\": [0.5, -1]}\n{\"entity_id\": \"J\", \"as_of_date\": \"2024-01-02\", \"region\": \"é\", \"vector\": [1, 2]}\n";

    public const string Labels = "entity_id,theme\nI,Énergie\nJ,\"a, b\"\n";

    public const string Corpus = "id,text\n1,\"makes screens, sells screens\"\n2,\"ships\nand ferries\"\n";

    public const string Classes = "doc_id,sector,industry\n1,Énergie,\"Oil, gas\"\n2,Transport,Ferries\n";

    public const string Ids = "entity_id,as_of_date\nI,2024-01-02\nJ,2024-01-02\n";

    /// <summary>What <c>numpy.save</c> makes of a 2 × 2 matrix of float32.</summary>
    public static byte[] Npy =>
    [
        0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. Utf8("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }".PadRight(117) + "\n"),
        0, 0, 0x80, 0x3F, 0, 0, 0, 0x40, 0, 0, 0x80, 0xBF, 0, 0, 0, 0xC0,
    ];

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    public static byte[] Gzip(byte[] text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(text);
        return packed.ToArray();
    }
}
