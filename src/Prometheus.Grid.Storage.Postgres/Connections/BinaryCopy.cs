using System.Buffers.Binary;
using Npgsql;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Storage.Postgres.Connections;

/// <summary>Reads rows as <c>COPY … TO STDOUT (FORMAT binary)</c> sends them (PostgreSQL documentation, COPY, "Binary Format").</summary>
internal static class BinaryCopy
{
    private const int SignatureSize = 11, HeaderSize = SignatureSize + sizeof(int) + sizeof(int);
    private const int BufferSize = 128 * 1024;
    private const short EndOfData = -1;

    /// <summary>Runs the statement and gives its rows to <paramref name="take"/>.</summary>
    /// <remarks>
    /// On a thread of its own, which waits in the kernel: the server sends 8 kB at a time, twenty thousand pieces for two million rows, and a
    /// pool thread would be woken for each and spin in between, on a core that the server needs.
    /// </remarks>
    /// <param name="connection">An open connection that nothing else uses.</param>
    /// <param name="copy">The whole statement; COPY has no parameters.</param>
    /// <param name="take">Takes the complete rows at the start of the bytes, none from the end mark on, and says how many bytes they are.</param>
    /// <param name="cancellationToken">Ends the read early.</param>
    /// <param name="mostRowBytes">The most bytes that a row takes.</param>
    public static Task ReadAsync(
        NpgsqlConnection connection, string copy, Func<ReadOnlySpan<byte>, int> take, CancellationToken cancellationToken, int mostRowBytes = BufferSize / 2) => Task.Factory.StartNew(
            () => Read(connection, copy, take, Math.Max(BufferSize, 2 * mostRowBytes), cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static void Read(NpgsqlConnection connection, string copy, Func<ReadOnlySpan<byte>, int> take, int bufferSize, CancellationToken cancellationToken)
    {
        try
        {
            using var stream = connection.BeginRawBinaryCopy(copy);
            using var cancelling = cancellationToken.Register(stream.Cancel);
            Read(stream, take, bufferSize);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.QueryCanceled && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(error.MessageText, error, cancellationToken);
        }
    }

    private static void Read(NpgsqlRawCopyStream stream, Func<ReadOnlySpan<byte>, int> take, int bufferSize)
    {
        byte[] buffer = new byte[bufferSize];
        stream.ReadExactly(buffer, 0, HeaderSize);
        stream.ReadExactly(buffer, 0, BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(HeaderSize - sizeof(int))));
        for (int kept = 0; ;)
        {
            // The stream gives one row a read; a batch of them lets the parser run without a call between.
            int length = kept + stream.ReadAtLeast(buffer.AsSpan(kept), bufferSize / 2, throwOnEndOfStream: false);
            int used = take(buffer.AsSpan(0, length));
            if (IsEnd(buffer.AsSpan(used, length - used)))
            {
                // Behind the mark the server says that it is done; unheard, the driver would cancel the statement.
                _ = stream.Read(buffer);
                return;
            }
            if (used == 0)
                throw new GridFaultException($"Postgres ended COPY within a row, or sent one of more than {bufferSize / 2} bytes");
            kept = length - used;
            buffer.AsSpan(used, kept).CopyTo(buffer);
        }
    }

    private static bool IsEnd(ReadOnlySpan<byte> bytes) => bytes.Length >= sizeof(short) && BinaryPrimitives.ReadInt16BigEndian(bytes) == EndOfData;
}
