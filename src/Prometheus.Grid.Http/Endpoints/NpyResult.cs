using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.AspNetCore.Http;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Http.Endpoints;

/// <summary>Vectors as a file of NumPy's format 1.0: little-endian float32, C order, a row an entity.</summary>
internal sealed class NpyResult(VectorBatch rows) : IResult
{
    public const string ContentType = "application/x-npy";
    private const int Alignment = 64, PrefixLength = 10, RowsAPiece = 1_024;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        byte[] header = Header();
        var response = httpContext.Response;
        response.ContentType = ContentType;
        response.ContentLength = header.Length + ((long)rows.Values.Length * sizeof(float));
        response.Headers.ContentDisposition = new ContentDispositionHeaderValue("attachment") { FileName = "vectors.npy" }.ToString();
        await response.Body.WriteAsync(header, httpContext.RequestAborted);
        byte[] piece = new byte[RowsAPiece * rows.Dimension * sizeof(float)];
        for (int from = 0; from < rows.Count; from += RowsAPiece)
        {
            int count = Math.Min(RowsAPiece, rows.Count - from) * rows.Dimension;
            MemoryMarshal.AsBytes(rows.Values.Span.Slice(from * rows.Dimension, count)).CopyTo(piece);
            await response.Body.WriteAsync(piece.AsMemory(0, count * sizeof(float)), httpContext.RequestAborted);
        }
    }

    private byte[] Header()
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows.Count}, {rows.Dimension}), }}");
        int length = (PrefixLength + text.Length + 1 + Alignment - 1) / Alignment * Alignment;
        byte[] header = new byte[length];
        "NUMPY\u0001\0"u8.CopyTo(header.AsSpan(1));
        header[0] = 0x93;
        header[8] = (byte)(length - PrefixLength);
        header[9] = (byte)((length - PrefixLength) >> 8);
        header.AsSpan(PrefixLength).Fill((byte)' ');
        Encoding.ASCII.GetBytes(text, header.AsSpan(PrefixLength));
        header[^1] = (byte)'\n';
        return header;
    }
}

/// <summary>The table beside an array: whose each row is.</summary>
internal static class IdsTable
{
    public static string Of(DateOnly asOf, IReadOnlyList<RowHeader> headers)
    {
        var table = new StringBuilder("as_of_date,entity_id,instrument_id,region,source\n");
        foreach (var header in headers)
            table.Append(CultureInfo.InvariantCulture, $"{DateRange.Text(asOf)},{Cell(header.EntityId)},{Cell(header.InstrumentId)},{Cell(header.Region)},{Cell(header.Source)}\n");
        return table.ToString();
    }

    private static string Cell(string text) =>
        text.AsSpan().ContainsAny("\",\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
