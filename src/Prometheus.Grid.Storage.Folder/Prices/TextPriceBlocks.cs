using Microsoft.Win32.SafeHandles;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Storage.Folder.Prices;

/// <summary>The blocks of a CSV file.</summary>
internal sealed class TextPriceBlocks : IPriceBlocks
{
    private readonly Stream _text;
    private readonly RowBlocks _blocks;
    private readonly bool _skipsBadRows;
    private readonly string[] _names;
    private readonly PriceField[] _fields;
    private RowBlock? _first;

    /// <summary>Reads the header.</summary>
    /// <param name="raw">The open file; its owner disposes it after this.</param>
    /// <param name="path">Its name.</param>
    /// <param name="skipsBadRows">Lists bad rows instead of refusing their block.</param>
    /// <exception cref="BadInputException">The header is refused.</exception>
    public TextPriceBlocks(SafeFileHandle raw, string path, bool skipsBadRows)
    {
        _skipsBadRows = skipsBadRows;
        _text = InputFile.Text(raw, path);
        try
        {
            _blocks = new RowBlocks(_text, path);
            if (_blocks.Next() is not { } block)
                throw new BadInputException($"{path} line 1, header", "", "a header with the columns instrument_id, trade_date, close, volume");
            CheckEncoding(block.Text, path);
            (_names, _fields, int length, int lines) = PriceColumns.Parse(block.Text, path);
            _first = block with { Start = block.Start + length, Length = block.Length - length };
            FirstRow = 1 + lines;
        }
        catch
        {
            _text.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Counts => "line";

    /// <inheritdoc/>
    public long FirstRow { get; }

    /// <inheritdoc/>
    public bool HasAdjustedClose => _fields.Contains(PriceField.AdjustedClose);

    /// <inheritdoc/>
    public Func<PriceBlock>? Next()
    {
        var next = _first ?? _blocks.Next();
        _first = null;
        return next is { } block ? () => Parse(block) : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _first?.Return();
        _text.Dispose();
    }

    private PriceBlock Parse(RowBlock block)
    {
        try
        {
            return PriceBlock.Parse(block.Text, _names, _fields, _skipsBadRows);
        }
        finally
        {
            block.Return();
        }
    }

    private static void CheckEncoding(ReadOnlySpan<byte> text, string path)
    {
        try
        {
            TextRules.Check(text, []);
        }
        catch (BadRowException bad)
        {
            throw new BadInputException($"{path} line {1 + bad.Line}, {bad.Column}", bad.Value, bad.Allowed);
        }
    }
}
