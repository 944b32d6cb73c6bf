namespace Interline.Storage.Databases;

/// <summary>A database that cannot be used as it is configured or as it is: a wrong URL, migrations that do not fit. The message says what to do and holds no password.</summary>
public sealed class DatabaseException : Exception
{
    /// <summary>With a message for people.</summary>
    /// <param name="message">What is wrong and what to do.</param>
    public DatabaseException(string message)
        : base(message)
    {
    }

    /// <summary>With a message for people and its cause.</summary>
    /// <param name="message">What is wrong and what to do.</param>
    /// <param name="cause">The cause.</param>
    public DatabaseException(string message, Exception cause)
        : base(message, cause)
    {
    }
}

/// <summary>The database does not answer now. It is tried again by itself; what was to be done may be tried again later.</summary>
public sealed class DatabaseUnavailableException : Exception
{
    /// <summary>With a message for people.</summary>
    /// <param name="message">What is known; without a password.</param>
    /// <param name="cause">The cause.</param>
    public DatabaseUnavailableException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }
}
