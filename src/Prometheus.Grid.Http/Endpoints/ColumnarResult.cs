using System.Buffers;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Prometheus.Grid.Columnar;

namespace Prometheus.Grid.Http.Endpoints;

/// <summary>A table as a file of columns. It is sent block by block, so that no more than one of them is in memory whatever the table has.</summary>
/// <param name="Format">Parquet, or the stream format of Arrow.</param>
/// <param name="Columns">The columns.</param>
/// <param name="Rows">Cells of a row, one a column; the same array may come again.</param>
/// <param name="Metadata">What the file says of itself.</param>
/// <param name="FileName">What a browser calls it.</param>
internal sealed record ColumnarResult(
    ColumnarFormat Format, IReadOnlyList<Column> Columns, IEnumerable<object?[]> Rows, IReadOnlyDictionary<string, string> Metadata, string FileName) : IResult
{
    public const string ArrowType = "application/vnd.apache.arrow.stream", ParquetType = "application/vnd.apache.parquet";

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = Format == ColumnarFormat.Parquet ? ParquetType : ArrowType;
        response.Headers.ContentDisposition = new ContentDispositionHeaderValue("attachment") { FileName = FileName }.ToString();
        using var block = new Block();
        using var writer = new ColumnarWriter(Format, block, Columns, Metadata);
        foreach (object?[] row in Rows)
        {
            writer.Write(row);
            await block.SendAsync(response.Body, httpContext.RequestAborted);
        }
        writer.Complete();
        await block.SendAsync(response.Body, httpContext.RequestAborted);
    }

    /// <summary>What a writer has written and the caller has not got yet: writers write at once, and an answer may only be written to asynchronously.</summary>
    private sealed class Block : Stream
    {
        private readonly ArrayBufferWriter<byte> _bytes = new();
        private long _sent;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => _sent + _bytes.WrittenCount;

        public override long Position
        {
            get => Length;
            set => throw new NotSupportedException();
        }

        public async ValueTask SendAsync(Stream body, CancellationToken cancellationToken)
        {
            if (_bytes.WrittenCount == 0)
                return;
            await body.WriteAsync(_bytes.WrittenMemory, cancellationToken);
            _sent += _bytes.WrittenCount;
            _bytes.ResetWrittenCount();
        }

        public override void Write(ReadOnlySpan<byte> buffer) => _bytes.Write(buffer);

        public override void Write(byte[] buffer, int offset, int count) => _bytes.Write(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
