// Written by scripts/compile-contracts.ts from contracts/ZoneEscrow.sol. Do not edit.

/** Is the ABI of `ZoneEscrow`. */
export const zoneEscrowAbi = [
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "token_",
        "type": "address"
      },
      {
        "internalType": "address",
        "name": "treasury_",
        "type": "address"
      },
      {
        "internalType": "address[]",
        "name": "recoverers",
        "type": "address[]"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "constructor"
  },
  {
    "inputs": [],
    "name": "AlreadyDeposited",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "AlreadyDisputed",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "AlreadyRecovered",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "CreatorFeeTooHigh",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "DeadlinePassed",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "escrowId",
        "type": "bytes32"
      }
    ],
    "name": "EscrowInUse",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "enum ZoneEscrow.Status",
        "name": "status",
        "type": "uint8"
      }
    ],
    "name": "EscrowNotHeld",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InsufficientGas",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "surplus",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "InsufficientSurplus",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InvalidAmount",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InvalidArbiter",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InvalidEscrowDeadline",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InvalidPayee",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InvalidRecoverer",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InvalidShortString",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InvalidSignature",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "token",
        "type": "address"
      }
    ],
    "name": "InvalidToken",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "InvalidTreasury",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "caller",
        "type": "address"
      }
    ],
    "name": "NotAllowed",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "caller",
        "type": "address"
      }
    ],
    "name": "NotRecoverer",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "NotUsed",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "NothingToClaim",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "ReentrancyGuardReentrantCall",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "token",
        "type": "address"
      }
    ],
    "name": "SafeERC20FailedOperation",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "string",
        "name": "str",
        "type": "string"
      }
    ],
    "name": "StringTooLong",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "expected",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "received",
        "type": "uint256"
      }
    ],
    "name": "TokenShortfall",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "WrongChain",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "WrongContract",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "WrongKind",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "WrongMode",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "WrongRequest",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "WrongToken",
    "type": "error"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "owner",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "Claimed",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "escrowId",
        "type": "bytes32"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "depositor",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "recipient",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "bytes32",
        "name": "nonce",
        "type": "bytes32"
      },
      {
        "indexed": false,
        "internalType": "bytes32",
        "name": "zoneKey",
        "type": "bytes32"
      },
      {
        "indexed": false,
        "internalType": "bytes32",
        "name": "taskId",
        "type": "bytes32"
      },
      {
        "indexed": false,
        "internalType": "address",
        "name": "creator",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint16",
        "name": "creatorFeeBps",
        "type": "uint16"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint64",
        "name": "deadline",
        "type": "uint64"
      },
      {
        "indexed": false,
        "internalType": "address",
        "name": "arbiter",
        "type": "address"
      }
    ],
    "name": "Deposited",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "escrowId",
        "type": "bytes32"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "by",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint64",
        "name": "deadline",
        "type": "uint64"
      }
    ],
    "name": "Disputed",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [],
    "name": "EIP712DomainChanged",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "nonce",
        "type": "bytes32"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "payer",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "escrowId",
        "type": "bytes32"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "Recovered",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "from",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "to",
        "type": "address"
      }
    ],
    "name": "RecovererChanged",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "escrowId",
        "type": "bytes32"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "by",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "Refunded",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "escrowId",
        "type": "bytes32"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "by",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "recipientAmount",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "protocolFee",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "creatorFee",
        "type": "uint256"
      }
    ],
    "name": "Released",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "nonce",
        "type": "bytes32"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "payer",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "bytes32",
        "name": "escrowId",
        "type": "bytes32"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "Returned",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "owner",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      }
    ],
    "name": "ShareHeld",
    "type": "event"
  },
  {
    "inputs": [],
    "name": "AUTHORIZATION_GAS",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "CREATOR_FEE_BPS_MAX",
    "outputs": [
      {
        "internalType": "uint16",
        "name": "",
        "type": "uint16"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "DISPUTE_EXTENSION",
    "outputs": [
      {
        "internalType": "uint64",
        "name": "",
        "type": "uint64"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "DISPUTE_TYPEHASH",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "",
        "type": "bytes32"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "DOMAIN_SEPARATOR",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "",
        "type": "bytes32"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "PAYOUT_GAS",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "PROTOCOL_FEE_BPS",
    "outputs": [
      {
        "internalType": "uint16",
        "name": "",
        "type": "uint16"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "RELEASE_TYPEHASH",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "",
        "type": "bytes32"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "TERMS_TYPEHASH",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "",
        "type": "bytes32"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "WALLET_AUTHORIZATION_GAS",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "claim",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "owner",
        "type": "address"
      }
    ],
    "name": "claimFor",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "owner",
        "type": "address"
      }
    ],
    "name": "claimable",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "components": [
              {
                "internalType": "uint256",
                "name": "chainId",
                "type": "uint256"
              },
              {
                "internalType": "address",
                "name": "verifyingContract",
                "type": "address"
              },
              {
                "internalType": "address",
                "name": "token",
                "type": "address"
              },
              {
                "internalType": "bytes32",
                "name": "zoneKey",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "requestKey",
                "type": "bytes32"
              },
              {
                "internalType": "address",
                "name": "recipient",
                "type": "address"
              },
              {
                "internalType": "address",
                "name": "creator",
                "type": "address"
              },
              {
                "internalType": "uint16",
                "name": "creatorFeeBps",
                "type": "uint16"
              },
              {
                "internalType": "uint256",
                "name": "amount",
                "type": "uint256"
              },
              {
                "internalType": "uint8",
                "name": "mode",
                "type": "uint8"
              },
              {
                "internalType": "uint64",
                "name": "deadline",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "salt",
                "type": "bytes32"
              }
            ],
            "internalType": "struct Terms",
            "name": "base",
            "type": "tuple"
          },
          {
            "internalType": "uint64",
            "name": "escrowDeadline",
            "type": "uint64"
          },
          {
            "internalType": "address",
            "name": "arbiter",
            "type": "address"
          }
        ],
        "internalType": "struct EscrowTerms",
        "name": "terms",
        "type": "tuple"
      },
      {
        "components": [
          {
            "internalType": "bytes32",
            "name": "nodeKey",
            "type": "bytes32"
          },
          {
            "internalType": "bytes32",
            "name": "taskId",
            "type": "bytes32"
          },
          {
            "internalType": "bytes32",
            "name": "contentKey",
            "type": "bytes32"
          }
        ],
        "internalType": "struct RequestParts",
        "name": "request",
        "type": "tuple"
      },
      {
        "components": [
          {
            "internalType": "address",
            "name": "from",
            "type": "address"
          },
          {
            "internalType": "uint256",
            "name": "validAfter",
            "type": "uint256"
          },
          {
            "internalType": "uint8",
            "name": "kind",
            "type": "uint8"
          },
          {
            "internalType": "uint8",
            "name": "v",
            "type": "uint8"
          },
          {
            "internalType": "bytes32",
            "name": "r",
            "type": "bytes32"
          },
          {
            "internalType": "bytes32",
            "name": "s",
            "type": "bytes32"
          },
          {
            "internalType": "bytes",
            "name": "signature",
            "type": "bytes"
          }
        ],
        "internalType": "struct Authorization",
        "name": "auth",
        "type": "tuple"
      }
    ],
    "name": "deposit",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "escrowId",
        "type": "bytes32"
      }
    ],
    "name": "dispute",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "escrowId",
        "type": "bytes32"
      },
      {
        "internalType": "address",
        "name": "party",
        "type": "address"
      },
      {
        "internalType": "bytes",
        "name": "signature",
        "type": "bytes"
      }
    ],
    "name": "disputeWithSignature",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "eip712Domain",
    "outputs": [
      {
        "internalType": "bytes1",
        "name": "fields",
        "type": "bytes1"
      },
      {
        "internalType": "string",
        "name": "name",
        "type": "string"
      },
      {
        "internalType": "string",
        "name": "version",
        "type": "string"
      },
      {
        "internalType": "uint256",
        "name": "chainId",
        "type": "uint256"
      },
      {
        "internalType": "address",
        "name": "verifyingContract",
        "type": "address"
      },
      {
        "internalType": "bytes32",
        "name": "salt",
        "type": "bytes32"
      },
      {
        "internalType": "uint256[]",
        "name": "extensions",
        "type": "uint256[]"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "depositor",
        "type": "address"
      },
      {
        "internalType": "bytes32",
        "name": "taskId",
        "type": "bytes32"
      }
    ],
    "name": "escrowIdOf",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "",
        "type": "bytes32"
      }
    ],
    "stateMutability": "pure",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "escrowId",
        "type": "bytes32"
      }
    ],
    "name": "escrowOf",
    "outputs": [
      {
        "components": [
          {
            "internalType": "address",
            "name": "depositor",
            "type": "address"
          },
          {
            "internalType": "enum ZoneEscrow.Status",
            "name": "status",
            "type": "uint8"
          },
          {
            "internalType": "uint16",
            "name": "creatorFeeBps",
            "type": "uint16"
          },
          {
            "internalType": "uint64",
            "name": "deadline",
            "type": "uint64"
          },
          {
            "internalType": "address",
            "name": "recipient",
            "type": "address"
          },
          {
            "internalType": "bytes12",
            "name": "nonceTag",
            "type": "bytes12"
          },
          {
            "internalType": "uint256",
            "name": "amount",
            "type": "uint256"
          },
          {
            "internalType": "address",
            "name": "creator",
            "type": "address"
          },
          {
            "internalType": "address",
            "name": "arbiter",
            "type": "address"
          }
        ],
        "internalType": "struct ZoneEscrow.Escrow",
        "name": "",
        "type": "tuple"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "to",
        "type": "address"
      }
    ],
    "name": "handOverRecoverer",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "from",
        "type": "address"
      },
      {
        "internalType": "bytes32",
        "name": "nonce",
        "type": "bytes32"
      }
    ],
    "name": "isRecovered",
    "outputs": [
      {
        "internalType": "bool",
        "name": "",
        "type": "bool"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "account",
        "type": "address"
      }
    ],
    "name": "isRecoverer",
    "outputs": [
      {
        "internalType": "bool",
        "name": "",
        "type": "bool"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "components": [
              {
                "internalType": "uint256",
                "name": "chainId",
                "type": "uint256"
              },
              {
                "internalType": "address",
                "name": "verifyingContract",
                "type": "address"
              },
              {
                "internalType": "address",
                "name": "token",
                "type": "address"
              },
              {
                "internalType": "bytes32",
                "name": "zoneKey",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "requestKey",
                "type": "bytes32"
              },
              {
                "internalType": "address",
                "name": "recipient",
                "type": "address"
              },
              {
                "internalType": "address",
                "name": "creator",
                "type": "address"
              },
              {
                "internalType": "uint16",
                "name": "creatorFeeBps",
                "type": "uint16"
              },
              {
                "internalType": "uint256",
                "name": "amount",
                "type": "uint256"
              },
              {
                "internalType": "uint8",
                "name": "mode",
                "type": "uint8"
              },
              {
                "internalType": "uint64",
                "name": "deadline",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "salt",
                "type": "bytes32"
              }
            ],
            "internalType": "struct Terms",
            "name": "base",
            "type": "tuple"
          },
          {
            "internalType": "uint64",
            "name": "escrowDeadline",
            "type": "uint64"
          },
          {
            "internalType": "address",
            "name": "arbiter",
            "type": "address"
          }
        ],
        "internalType": "struct EscrowTerms",
        "name": "terms",
        "type": "tuple"
      }
    ],
    "name": "nonceOf",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "",
        "type": "bytes32"
      }
    ],
    "stateMutability": "pure",
    "type": "function"
  },
  {
    "inputs": [
      {
        "components": [
          {
            "components": [
              {
                "internalType": "uint256",
                "name": "chainId",
                "type": "uint256"
              },
              {
                "internalType": "address",
                "name": "verifyingContract",
                "type": "address"
              },
              {
                "internalType": "address",
                "name": "token",
                "type": "address"
              },
              {
                "internalType": "bytes32",
                "name": "zoneKey",
                "type": "bytes32"
              },
              {
                "internalType": "bytes32",
                "name": "requestKey",
                "type": "bytes32"
              },
              {
                "internalType": "address",
                "name": "recipient",
                "type": "address"
              },
              {
                "internalType": "address",
                "name": "creator",
                "type": "address"
              },
              {
                "internalType": "uint16",
                "name": "creatorFeeBps",
                "type": "uint16"
              },
              {
                "internalType": "uint256",
                "name": "amount",
                "type": "uint256"
              },
              {
                "internalType": "uint8",
                "name": "mode",
                "type": "uint8"
              },
              {
                "internalType": "uint64",
                "name": "deadline",
                "type": "uint64"
              },
              {
                "internalType": "bytes32",
                "name": "salt",
                "type": "bytes32"
              }
            ],
            "internalType": "struct Terms",
            "name": "base",
            "type": "tuple"
          },
          {
            "internalType": "uint64",
            "name": "escrowDeadline",
            "type": "uint64"
          },
          {
            "internalType": "address",
            "name": "arbiter",
            "type": "address"
          }
        ],
        "internalType": "struct EscrowTerms",
        "name": "terms",
        "type": "tuple"
      },
      {
        "components": [
          {
            "internalType": "bytes32",
            "name": "nodeKey",
            "type": "bytes32"
          },
          {
            "internalType": "bytes32",
            "name": "taskId",
            "type": "bytes32"
          },
          {
            "internalType": "bytes32",
            "name": "contentKey",
            "type": "bytes32"
          }
        ],
        "internalType": "struct RequestParts",
        "name": "request",
        "type": "tuple"
      },
      {
        "components": [
          {
            "internalType": "address",
            "name": "from",
            "type": "address"
          },
          {
            "internalType": "uint256",
            "name": "validAfter",
            "type": "uint256"
          },
          {
            "internalType": "uint8",
            "name": "kind",
            "type": "uint8"
          },
          {
            "internalType": "uint8",
            "name": "v",
            "type": "uint8"
          },
          {
            "internalType": "bytes32",
            "name": "r",
            "type": "bytes32"
          },
          {
            "internalType": "bytes32",
            "name": "s",
            "type": "bytes32"
          },
          {
            "internalType": "bytes",
            "name": "signature",
            "type": "bytes"
          }
        ],
        "internalType": "struct Authorization",
        "name": "auth",
        "type": "tuple"
      }
    ],
    "name": "recover",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "escrowId",
        "type": "bytes32"
      }
    ],
    "name": "refund",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "escrowId",
        "type": "bytes32"
      }
    ],
    "name": "release",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "escrowId",
        "type": "bytes32"
      },
      {
        "internalType": "bytes",
        "name": "signature",
        "type": "bytes"
      }
    ],
    "name": "releaseWithSignature",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "reserved",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "amount",
        "type": "uint256"
      },
      {
        "internalType": "uint16",
        "name": "creatorFeeBps",
        "type": "uint16"
      }
    ],
    "name": "split",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "protocolFee",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "creatorFee",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "recipientAmount",
        "type": "uint256"
      }
    ],
    "stateMutability": "pure",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "surplus",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "token",
    "outputs": [
      {
        "internalType": "contract IERC20",
        "name": "",
        "type": "address"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "treasury",
    "outputs": [
      {
        "internalType": "address",
        "name": "",
        "type": "address"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  }
] as const;

/** Is the creation code of `ZoneEscrow`, without constructor arguments. */
export const zoneEscrowBytecode =
  "0x6101a08060405234610398576140cb803803809161001d82856103db565b833981019060608183031261039857610035816103fe565b90610042602082016103fe565b604082015190916001600160401b03821161039857019280601f85011215610398578351936001600160401b0385116103c7578460051b906040519561008b60208401886103db565b865260208087019282010192831161039857602001905b8282106103af57505050604051916100bb6040846103db565b600a835260208301695a6f6e65457363726f7760b01b8152604051926100e26040856103db565b600184526020840192603160f81b8452803b151580610338575b15610318576001600160a01b038216801515908161030d575b50156102fe576001600160a01b031660805260a0525f5b85518110156101c6576001600160a01b036101478288610412565b5116156101b7576001906001600160a01b036101638289610412565b51165f52600260205260405f208260ff19825416179055818060a01b0361018a8289610412565b51165f7f68f9b3ef432a6c60aa72ce39d3b80201b88ba706d57b73f50a5c3f1f1477c12d8180a30161012c565b633b3dd07960e11b5f5260045ffd5b50836101d18161043a565b610160526101de8461043a565b6101805251902091826101205251902080610140524660e0526040519060208201927f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f8452604083015260608201524660808201523060a082015260a0815261024860c0826103db565b51902060c0523061010052604051613c2590816104a682396080518181816103950152818161129d0152818161190a01528181611c670152818161267c0152818161285f01528181612e31015281816130f60152818161335401526137ce015260a051818181610dff01526131f7015260c05181612ce2015260e05181612d9901526101005181612cb301526101205181612d3101526101405181612d570152610160518161089f015261018051816108c80152f35b6302979eb960e31b5f5260045ffd5b90503014155f610115565b63961c9a4f60e01b5f9081526001600160a01b0391909116600452602490fd5b50604051633644e51560e01b81526020816004816001600160a01b0386165afa9081156103a4575f9161036e575b5015156100fc565b90506020813d60201161039c575b81610389602093836103db565b8101031261039857515f610366565b5f80fd5b3d915061037c565b6040513d5f823e3d90fd5b602080916103bc846103fe565b8152019101906100a2565b634e487b7160e01b5f52604160045260245ffd5b601f909101601f19168101906001600160401b038211908210176103c757604052565b51906001600160a01b038216820361039857565b80518210156104265760209160051b010190565b634e487b7160e01b5f52603260045260245ffd5b601f815111610465576020815191015160208210610456571790565b5f198260200360031b1b161790565b604460209160405192839163305a27a960e01b83528160048401528051918291826024860152018484015e5f828201840152601f01601f19168101030190fdfe6080806040526004361015610012575f80fd5b5f3560e01c9081630902df911461165757508063138885651461161f57806318c2d5ba146115e457806322f06ae41461157c578063284d2d681461152457806332eaf592146114e957806335405b041461116a5780633644e51514611132578063365d08fe14610f695780633aa3698714610f11578063402914f514610eaf5780634e71d92d14610e7057806356d4c40614610e2357806361d027b314610db557806367d42a8b14610d0b5780637249fbb614610bdb57806383a265a71461099b57806384b0196e1461086957806398aa711a1461084a578063994b3848146108105780639a44da83146107d55780639ae63c4614610768578063a22d16541461070a578063add98c70146106af578063afaca29f146105a4578063b40b784114610569578063be37822814610530578063ddeae033146104e9578063ef597cd8146103b9578063fc0c546a1461034b578063fcce3d45146101bb5763fe60d12c1461017c575f80fd5b346101b7575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101b7576020600154604051908152f35b5f80fd5b346101b75760607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101b75760043560243573ffffffffffffffffffffffffffffffffffffffff811681036101b75760443567ffffffffffffffff81116101b7576102306102f09136906004016117df565b61023b929192612299565b6102e961024786612f2c565b9361025b8661025681886134c1565b611bc0565b6102e160405160208101907fde6fed69f392f34c6f00b23dbb7aef0e3618fd49e623c495a382637539d5046882528960408201526040815261029e606082611846565b5190206102a9612c9c565b604291604051917f19010000000000000000000000000000000000000000000000000000000000008352600283015260228201522090565b923691612235565b908461362e565b15610323576102fe9261350c565b5f7f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d005b7f8baa579f000000000000000000000000000000000000000000000000000000005f5260045ffd5b346101b7575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101b757602060405173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000168152f35b346101b75760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101b75773ffffffffffffffffffffffffffffffffffffffff6104056116ad565b61040d613735565b16801515806104d2575b156104aa57335f52600260205260405f207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff008154169055805f52600260205260405f2060017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00825416179055337f68f9b3ef432a6c60aa72ce39d3b80201b88ba706d57b73f50a5c3f1f1477c12d5f80a3005b7f767ba0f2000000000000000000000000000000000000000000000000000000005f5260045ffd5b50805f52600260205260ff60405f20541615610417565b346101b75760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101b7576102fe6105236116ad565b61052b612299565b612dbf565b346101b7575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101b7576020604051600a8152f35b346101b7575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101b757602060405162093a808152f35b346101b75760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101b75760043560243567ffffffffffffffff81116101b7576105f69036906004016117df565b6105fe612299565b6106a161060a84612f2c565b916102e973ffffffffffffffffffffffffffffffffffffffff60018501541660028501546040519060208201927f7b759f75ab600e6c2075dd7cbdbce1b8383feb2c480645159918a9cacef5b7c78452896040840152606083015260808201526080815261067960a082611846565b519020946102e173ffffffffffffffffffffffffffffffffffffffff865416966102a9612c9c565b15610323576102fe92612fdc565b346101b75760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101b7576102fe6004356106ec612299565b6106f581612f2c565b6107033361025633846134c1565b339161350c565b346101b75760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101b75761074d6107446116ad565b60243590613489565b5f526003602052602060ff60405f2054166040519015158152f35b346101b75760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101b75760243561ffff811681036101b7576107b46107d191600435612189565b604080519384526020840192909252908201529081906060820190565b0390f35b346101b7575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101b757602060405162030d408152f35b346101b7575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101b757602060405161012c8152f35b346101b7576102fe61085b366116f1565b91610864612299565b611c0a565b346101b7575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101b75761093f6108c37f0000000000000000000000000000000000000000000000000000000000000000613974565b6108ec7f0000000000000000000000000000000000000000000000000000000000000000613974565b602061094d604051926108ff8385611846565b5f84525f3681376040519586957f0f00000000000000000000000000000000000000000000000000000000000000875260e08588015260e087019061179c565b90858203604087015261179c565b4660608501523060808501525f60a085015283810360c08501528180845192838152019301915f5b82811061098457505050500390f35b835185528695509381019392810192600101610975565b346101b75760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101b7575f6101006040516109da8161180d565b8281528260208201528260408201528260608201528260808201528260a08201528260c08201528260e082015201526004355f52600660205260405f20604051610a238161180d565b815473ffffffffffffffffffffffffffffffffffffffff8116825260ff8160a01c1660208301906005811015610bae5781526040830161ffff8360a81c16815267ffffffffffffffff606085019360b81c168352600185015494608085019373ffffffffffffffffffffffffffffffffffffffff871685527fffffffffffffffffffffffff000000000000000000000000000000000000000060a087019716875260028201549060c0870191825273ffffffffffffffffffffffffffffffffffffffff6004816003860154169460e08a0195865201541694610100880195865273ffffffffffffffffffffffffffffffffffffffff604051985116885251976005891015610bae5773ffffffffffffffffffffffffffffffffffffffff809767ffffffffffffffff7fffffffffffffffffffffffff00000000000000000000000000000000000000009461ffff84996101209e60208f0152511660408d0152511660608b015251166080890152511660a08701525160c0860152511660e08401525116610100820152f35b7f4e487b71000000000000000000000000000000000000000000000000000000005f52602160045260245ffd5b346101b75760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101b7576102fe600435610c18612299565b73ffffffffffffffffffffffffffffffffffffffff610c3682612f2c565b8160018201541633148015610cf3575b8015610cde575b610c58903390611bc0565b600281015492740300000000000000000000000000000000000000007fffffffffffffffffffffff00ffffffffffffffffffffffffffffffffffffffff835416178255610ca784600154611887565b600155604051908482527ff552ca82e113ac3c539c3d617f29fcd19c172a0c75dad017555c9e109f7fe18360203393a354166132cd565b50610c58610cec3383612f98565b9050610c4d565b5067ffffffffffffffff815460b81c16421015610c46565b346101b75760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101b7576102fe600435610d48612299565b610d5181612f2c565b610d5b3382612f98565b80610d9e575b610d8f9073ffffffffffffffffffffffffffffffffffffffff8354163314908115610d96575b503390611bc0565b3391612fdc565b905085610d87565b50805460b81c67ffffffffffffffff164210610d61565b346101b7575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101b757602060405173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000168152f35b346101b75760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101b7576020610e68610e5f6116ad565b60243590611b7b565b604051908152f35b346101b7575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101b757610ea6612299565b6102fe33612dbf565b346101b75760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101b75773ffffffffffffffffffffffffffffffffffffffff610efb6116ad565b165f525f602052602060405f2054604051908152f35b346101b7575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101b75760206040517fafd6845bbdce4b83f4b1807a2aeefb09fd701c220616c39b08898738e0ef0f468152f35b346101b7576101c07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101b757604051602081017fafd6845bbdce4b83f4b1807a2aeefb09fd701c220616c39b08898738e0ef0f468152600435604083015260243573ffffffffffffffffffffffffffffffffffffffff81168091036101b757606083015260443573ffffffffffffffffffffffffffffffffffffffff81168091036101b757608083015260643560a083015260843560c083015260a43573ffffffffffffffffffffffffffffffffffffffff81168091036101b75760e083015260c43573ffffffffffffffffffffffffffffffffffffffff81168091036101b75761010083015260e43561ffff81168091036101b757610120830152610104356101408301526101243560ff81168091036101b7576101608301526101443567ffffffffffffffff81168091036101b757610180830152610164356101a08301526101843567ffffffffffffffff81168091036101b7576101c08301526101a4359173ffffffffffffffffffffffffffffffffffffffff83168093036101b7576020926101e08201526101e0815261112761020082611846565b519020604051908152f35b346101b7575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101b7576020610e68612c9c565b346101b757611178366116f1565b91611181612299565b61118c83838361231b565b61014081019167ffffffffffffffff6111a48461198a565b164210156114c15767ffffffffffffffff6111c2610180840161198a565b16421015611499576111e260206111d88661199f565b9201358092611b7b565b91825f52600660205260ff60405f205460a01c166005811015610bae5761146d5761120c816119d5565b936040519061121a8261182a565b5f825260208201905f82525f604084015260608301606081525f608085015267ffffffffffffffff600111611440576040805191906112598184611846565b600183527fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0013660208401375273ffffffffffffffffffffffffffffffffffffffff7f000000000000000000000000000000000000000000000000000000000000000016906040517f70a08231000000000000000000000000000000000000000000000000000000008152306004820152602081602481865afa9081156113fb575f9161140e575b50835261131e886113176101008801359361198a565b838c612514565b90156114065750602492916020918552604051938480927f70a082310000000000000000000000000000000000000000000000000000000082523060048301525afa9081156113fb575f916113c5575b61137a92505190611887565b90518082106113975750506113916102fe9561199f565b92612904565b7f4115a76c000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b90506020823d6020116113f3575b816113e060209383611846565b810103126101b75761137a91519061136e565b3d91506113d3565b6040513d5f823e3d90fd5b602081519101fd5b90506020813d602011611438575b8161142960209383611846565b810103126101b757518a611301565b3d915061141c565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b827fe8954db1000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b7fd01be38e000000000000000000000000000000000000000000000000000000005f5260045ffd5b7f70f65caa000000000000000000000000000000000000000000000000000000005f5260045ffd5b346101b7575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101b75760206040516203d0908152f35b346101b7575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101b75760206040517fde6fed69f392f34c6f00b23dbb7aef0e3618fd49e623c495a382637539d504688152f35b346101b75760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101b75773ffffffffffffffffffffffffffffffffffffffff6115c86116ad565b165f526002602052602060ff60405f2054166040519015158152f35b346101b7575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101b7576020604051620f42408152f35b346101b7575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101b7576020610e686118c1565b346101b7575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126101b757807f7b759f75ab600e6c2075dd7cbdbce1b8383feb2c480645159918a9cacef5b7c760209252f35b6004359073ffffffffffffffffffffffffffffffffffffffff821682036101b757565b359073ffffffffffffffffffffffffffffffffffffffff821682036101b757565b7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc810161024081126101b7576101c0136101b75760049160607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe3c8301126101b7576101c491610224359067ffffffffffffffff82116101b7577ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc8260e0920301126101b75760040190565b907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f602080948051918291828752018686015e5f8582860101520116010190565b9181601f840112156101b75782359167ffffffffffffffff83116101b757602083818601950101116101b757565b610120810190811067ffffffffffffffff82111761144057604052565b60a0810190811067ffffffffffffffff82111761144057604052565b90601f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0910116810190811067ffffffffffffffff82111761144057604052565b9190820391821161189457565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b6040517f70a0823100000000000000000000000000000000000000000000000000000000815230600482015260208160248173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000165afa9081156113fb575f91611958575b50600154808211156119525761194f91611887565b90565b50505f90565b90506020813d602011611982575b8161197360209383611846565b810103126101b757515f61193a565b3d9150611966565b3567ffffffffffffffff811681036101b75790565b3573ffffffffffffffffffffffffffffffffffffffff811681036101b75790565b359067ffffffffffffffff821682036101b757565b60405160208101917fafd6845bbdce4b83f4b1807a2aeefb09fd701c220616c39b08898738e0ef0f4683528035604083015273ffffffffffffffffffffffffffffffffffffffff611a28602083016116d0565b16606083015273ffffffffffffffffffffffffffffffffffffffff611a4f604083016116d0565b166080830152606081013560a0830152608081013560c083015273ffffffffffffffffffffffffffffffffffffffff611a8a60a083016116d0565b1660e083015273ffffffffffffffffffffffffffffffffffffffff611ab160c083016116d0565b1661010083015260e081013561ffff811681036101b75761ffff166101208301526101008101356101408301526101208101359060ff82168092036101b7576101a0611b5d9173ffffffffffffffffffffffffffffffffffffffff9361016086015267ffffffffffffffff611b2961014083016119c0565b166101808601526101608101358286015267ffffffffffffffff611b5061018083016119c0565b166101c0860152016116d0565b166101e08201526101e08152611b7561020082611846565b51902090565b90604051907fffffffffffffffffffffffffffffffffffffffff000000000000000000000000602083019360601b168352603482015260348152611b75605482611846565b15611bc85750565b73ffffffffffffffffffffffffffffffffffffffff907ffa5cd00f000000000000000000000000000000000000000000000000000000005f521660045260245ffd5b9091611c1781848461231b565b611c20826119d5565b9061010083013592611c35610140820161198a565b611c3d613735565b60ff611c4b6040850161230d565b166121615773ffffffffffffffffffffffffffffffffffffffff7f00000000000000000000000000000000000000000000000000000000000000001690611cee602086611c978761199f565b60405193849283927fe94a0102000000000000000000000000000000000000000000000000000000008452600484016020909392919373ffffffffffffffffffffffffffffffffffffffff60408201951681520152565b0381865afa9081156113fb575f91612126575b50156120fe576020600491611d158661199f565b9067ffffffffffffffff6040519173ffffffffffffffffffffffffffffffffffffffff858401947f7c7c6cdb67a18743f49ec6fa9b35f50d52ed05cbed4cc592e13b44501c1a226786521660408401523060608401528a60808401528489013560a08401521660c08201528760e082015260e08152611d9661010082611846565b51902092604051928380927f3644e5150000000000000000000000000000000000000000000000000000000082525afa9081156113fb575f916120ca575b50611e4e91611e1591604291604051917f19010000000000000000000000000000000000000000000000000000000000008352600283015260228201522090565b60c08401611e2381866124c3565b15905061206657611e37611e3e91866124c3565b3691612235565b905b611e498561199f565b61362e565b1561032357611e6583611e608461199f565b613489565b805f52600360205260ff60405f20541661203e575f52600360205260405f2060017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00825416179055611eb56118c1565b84811061200e5750611ed56020611ecb8461199f565b9601358096611b7b565b94855f52600660205260405f209160ff835460a01c166005811015610bae5715611fb0575050600101547fffffffffffffffffffffffff0000000000000000000000000000000000000000808416911614611f8857611f8693611f819273ffffffffffffffffffffffffffffffffffffffff611f508461199f565b16907f64da223510093c90825231e39be6cbf32f81ad12c122519d22b9f29dffe0db0f6020604051888152a461199f565b6132cd565b565b7fd5a82115000000000000000000000000000000000000000000000000000000005f5260045ffd5b91509180868596611f8698967f6e4a8bb2fadfc0a01b32eed2a63f02d9d0bc691288b11f0ac79ee79e43068d65602073ffffffffffffffffffffffffffffffffffffffff6120006113919861199f565b1693604051908152a461199f565b84907f89667c1f000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b7f3e493100000000000000000000000000000000000000000000000000000000005f5260045ffd5b506120736060850161230d565b7fff00000000000000000000000000000000000000000000000000000000000000604051916080870135602084015260a0870135604084015260f81b166060820152604181526120c4606182611846565b90611e40565b90506020813d6020116120f6575b816120e560209383611846565b810103126101b75751611e4e611dd4565b3d91506120d8565b7f06b04889000000000000000000000000000000000000000000000000000000005f5260045ffd5b90506020813d602011612159575b8161214160209383611846565b810103126101b7575180151581036101b7575f611d01565b3d9150612134565b7f35a08a07000000000000000000000000000000000000000000000000000000005f5260045ffd5b9061ffff169161012c831161220d57612710820492600a840290848204600a148515171561189457612710840691600a830290838204600a14841517156118945761194f936127106121f96121e761220094836122089704906124b6565b956121f381889c6124a3565b936124a3565b04906124b6565b918295611887565b611887565b7fa94a61dc000000000000000000000000000000000000000000000000000000005f5260045ffd5b92919267ffffffffffffffff8211611440576040519161227d601f82017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe01660200184611846565b8294818452818301116101b7578281602093845f960137010152565b7f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005c6122e55760017f9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f005d565b7f3ee5aeb5000000000000000000000000000000000000000000000000000000005f5260045ffd5b3560ff811681036101b75790565b91907fffffffff0000000000000000000000000000000000000000000000000000000061235361234d6040850161230d565b85613778565b1680612486575060405160406020820192803584526020810135828401520135606082015260608152612387608082611846565b51902060808301350361245e5767fffffffffff6c57f67ffffffffffffffff6123b3610180850161198a565b1611611499576101a082019173ffffffffffffffffffffffffffffffffffffffff806123ea60a06123e38761199f565b940161199f565b16911614159182612427575b5050156123ff57565b7ff0318500000000000000000000000000000000000000000000000000000000005f5260045ffd5b73ffffffffffffffffffffffffffffffffffffffff91925061245261244c839261199f565b9361199f565b16911614155f806123f6565b7fb1b6320c000000000000000000000000000000000000000000000000000000005f5260045ffd5b604051602081019182526004815261249f602482611846565b5190fd5b8181029291811591840414171561189457565b9190820180921161189457565b9035907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe1813603018212156101b7570180359067ffffffffffffffff82116101b7576020019181360383136101b757565b929190915f91600160ff61252a6040880161230d565b16149160c086019261253c84886124c3565b905015612772571561274b577f88b7ab6300000000000000000000000000000000000000000000000000000000955b6125748161199f565b9361257f90826124c3565b9384939192604051988997602089019b8c5273ffffffffffffffffffffffffffffffffffffffff166024890152306044890152606488015260200135608487015267ffffffffffffffff1660a486015260c485015260e4840160e0905281610104850152610124840137828183016101240152601f017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe016810103610124017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe08101835261264d9083611846565b5a908061271e5750620fa751116126f6575f91829151908273ffffffffffffffffffffffffffffffffffffffff7f000000000000000000000000000000000000000000000000000000000000000016620f4240f1903d9161010083116126ec575b60207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f60405195808752805f8589013e01168401016040529190565b61010092506126ae565b7f1c26714c000000000000000000000000000000000000000000000000000000005f5260045ffd5b807f4e487b7100000000000000000000000000000000000000000000000000000000602492526011600452fd5b7fcf092995000000000000000000000000000000000000000000000000000000009561256b565b60a0945060ff9295919693505f146128ce577fef55bec600000000000000000000000000000000000000000000000000000000955b67ffffffffffffffff6127b98561199f565b966127c66060870161230d565b9373ffffffffffffffffffffffffffffffffffffffff6040519960208b019b8c521660248a01523060448a01526064890152602086013560848901521660a487015260c48601521660e484015260808101356101048401520135610124820152610124815261283761014482611846565b620407205a106126f6575f91829151908273ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000166203d090f1903d9161010083116126ec5760207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f60405195808752805f8589013e01168401016040529190565b7fe3ee160e00000000000000000000000000000000000000000000000000000000956127a7565b3561ffff811681036101b75790565b919392936129196101008301356001546124b6565b60015561292860e083016128f5565b612935610180840161198a565b61294160a0850161199f565b9061294e60c0860161199f565b9061295c6101a0870161199f565b926040519461296a8661180d565b73ffffffffffffffffffffffffffffffffffffffff8b16865260208601926001845261ffff604088019216825267ffffffffffffffff606088019116815273ffffffffffffffffffffffffffffffffffffffff608088019316835260a08701917fffffffffffffffffffffffff00000000000000000000000000000000000000008c16835260c08801946101008b0135865273ffffffffffffffffffffffffffffffffffffffff60e08a019716875273ffffffffffffffffffffffffffffffffffffffff6101008a01981688528b5f52600660205273ffffffffffffffffffffffffffffffffffffffff8060405f209a5116167fffffffffffffffffffffffff00000000000000000000000000000000000000008a5416178955516005811015610bae578854915192517effffffffffffffff000000000000000000000000000000000000000000000060b89190911b1660a89390931b76ffff0000000000000000000000000000000000000000001660a09190911b74ff0000000000000000000000000000000000000000167fff0000000000000000000000ffffffffffffffffffffffffffffffffffffffff9092169190911717178655905190517fffffffffffffffffffffffff000000000000000000000000000000000000000090811673ffffffffffffffffffffffffffffffffffffffff92831617600187015591516002860155915160038501805483169184169190911790559151600490930180549092169216919091179055612ba360a0830161199f565b91612bb060c0820161199f565b90612bbd60e082016128f5565b612bca610180830161198a565b92612bd86101a0840161199f565b94604051988952606084013560208a0152604089015273ffffffffffffffffffffffffffffffffffffffff16606088015261ffff166080870152610100013560a086015267ffffffffffffffff1660c085015273ffffffffffffffffffffffffffffffffffffffff1660e084015273ffffffffffffffffffffffffffffffffffffffff169273ffffffffffffffffffffffffffffffffffffffff16916101007fa956d835d8b3fb02e8f991791bfea5cb8528d887272879b3cb256a55440806e591a4565b73ffffffffffffffffffffffffffffffffffffffff7f000000000000000000000000000000000000000000000000000000000000000016301480612d96575b15612d04577f000000000000000000000000000000000000000000000000000000000000000090565b60405160208101907f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f82527f000000000000000000000000000000000000000000000000000000000000000060408201527f000000000000000000000000000000000000000000000000000000000000000060608201524660808201523060a082015260a08152611b7560c082611846565b507f00000000000000000000000000000000000000000000000000000000000000004614612cdb565b73ffffffffffffffffffffffffffffffffffffffff16805f525f60205260405f2054908115612f0457805f525f6020525f6040812055612e0182600154611887565b600155807fd8138f8a3f377c5259ca548e70e4c2de94f129f5a11036a15b69513cba2b426a6020604051858152a27f000000000000000000000000000000000000000000000000000000000000000091604051917fa9059cbb000000000000000000000000000000000000000000000000000000005f5260045260245260205f60448180865af19060015f5114821615612ee3575b60405215612ea15750565b73ffffffffffffffffffffffffffffffffffffffff907f5274afe7000000000000000000000000000000000000000000000000000000005f521660045260245ffd5b906001811516612efb57823b15153d15161690612e96565b503d5f823e3d90fd5b7f969bf728000000000000000000000000000000000000000000000000000000005f5260045ffd5b5f52600660205260405f209060ff825460a01c16600581108015610bae57600182148015612f8e575b15612f5e575050565b7ff192d024000000000000000000000000000000000000000000000000000000005f5215610bae5760045260245ffd5b5060048214612f55565b9060ff825460a01c166005811015610bae576004149182612fb857505090565b6004015473ffffffffffffffffffffffffffffffffffffffff918216911614919050565b929091600283015493740200000000000000000000000000000000000000007fffffffffffffffffffffff00ffffffffffffffffffffffffffffffffffffffff85541617845561302e85600154611887565b6001556040519061303e8261182a565b5f825260208201925f84525f604084015260608301966060885260808401965f885267ffffffffffffffff60031161144057604051608061307f8183611846565b600382527fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe00136602083013789526040517f70a0823100000000000000000000000000000000000000000000000000000000815230600482015260208160248173ffffffffffffffffffffffffffffffffffffffff7f0000000000000000000000000000000000000000000000000000000000000000165afa9081156113fb575f91613291575b50926131ec7f1d8b97f28111bbd8a667665505c07e3a9c97dfe48e29a99240f52af94f8d441c936131cc73ffffffffffffffffffffffffffffffffffffffff9489989761321c9b526122086131c7876001840154169461220861319861ffff8b600388015416965460a81c1683612189565b919e8f9582809b93996131ac8885516124b6565b84526131bc8960408601516124b6565b604085015283613ab7565b613ab7565b966040519485941697846040919493926060820195825260208201520152565b0390a36040810151907f000000000000000000000000000000000000000000000000000000000000000090613ab7565b5f5b825181101561328b578061328573ffffffffffffffffffffffffffffffffffffffff61324d6001948851613933565b5116805f527f43b5be5d1a6dd352fcf5f199656b88ca5cc4737f0b75fc04c78996444651bbe860205260405f20905f825c925d6132cd565b0161321e565b50915050565b92949390506020833d6020116132c5575b816132af60209383611846565b810103126101b7579151929391926131ec613126565b3d91506132a2565b906040519173ffffffffffffffffffffffffffffffffffffffff60208401917fa9059cbb00000000000000000000000000000000000000000000000000000000835216928360248201528260448201526044815261332c606482611846565b620340b65a106126f6575f91829151908273ffffffffffffffffffffffffffffffffffffffff7f00000000000000000000000000000000000000000000000000000000000000001662030d40f13d6101008111613480575b60405181815260207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f82840194805f873e011682010160405282613422575b505061341e5760207fbffd8b1dfcb7a7737e8625fea2ec3068c42704659c5b62688d25d1f9c25fa93391835f525f825260405f206134048282546124b6565b9055613412816001546124b6565b600155604051908152a2565b5050565b5180159250908215613438575b50505f806133c5565b60019250519060208110613450575b50145f8061342f565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff9060200360031b1b165f613447565b50610100613384565b6040805173ffffffffffffffffffffffffffffffffffffffff9290921660208301908152828201939093528152611b75606082611846565b9073ffffffffffffffffffffffffffffffffffffffff8083541691169081149182156134ec57505090565b6001015473ffffffffffffffffffffffffffffffffffffffff1614919050565b90805460ff8160a01c166005811015610bae576001036136065767ffffffffffffffff9060b81c16804210156114c15762093a80019267ffffffffffffffff84116118945781547fff0000000000000000ffff00ffffffffffffffffffffffffffffffffffffffff1660b885901b7effffffffffffffff0000000000000000000000000000000000000000000000161774040000000000000000000000000000000000000000179091557f8bf8d3bc1ba6404430c84ed1ad9486a05f837dc6ec0e1a14b7eb65f21cea21b89060209073ffffffffffffffffffffffffffffffffffffffff9067ffffffffffffffff604051961686521693a3565b7f09dd1236000000000000000000000000000000000000000000000000000000005f5260045ffd5b61363883836139cb565b506004811015610bae57159081613712575b5061370a57803b15159182613661575b5050905090565b5f925060647fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f866020975190604051957f1626ba7e00000000000000000000000000000000000000000000000000000000875260048701526040602487015288820190604487015e86848287010152011601915afa7f1626ba7e000000000000000000000000000000000000000000000000000000005f5114601f3d111616805f8061365a565b505050600190565b905073ffffffffffffffffffffffffffffffffffffffff8083169116145f61364a565b335f52600260205260ff60405f2054161561374c57565b7f7fa08c88000000000000000000000000000000000000000000000000000000005f523360045260245ffd5b904682350361390d5761378d6020830161199f565b73ffffffffffffffffffffffffffffffffffffffff309116036138e7576137b66040830161199f565b73ffffffffffffffffffffffffffffffffffffffff807f0000000000000000000000000000000000000000000000000000000000000000169116036138c157600160ff613806610120850161230d565b160361389b5760ff60019116116138765761010081013515613851578061383260a061194f930161199f565b9061384b60e061384460c0840161199f565b92016128f5565b91613a05565b507f2c5211c60000000000000000000000000000000000000000000000000000000090565b507f35a08a070000000000000000000000000000000000000000000000000000000090565b50507f2a580d6d0000000000000000000000000000000000000000000000000000000090565b50507fa0f3feea0000000000000000000000000000000000000000000000000000000090565b50507fd348b9b00000000000000000000000000000000000000000000000000000000090565b50507f10dfc0330000000000000000000000000000000000000000000000000000000090565b80518210156139475760209160051b010190565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b60ff811690601f82116139a35760405191613990604084611846565b6020808452838101919036833783525290565b7fb3512b0c000000000000000000000000000000000000000000000000000000005f5260045ffd5b81519190604183036139fb576139f49250602082015190606060408401519301515f1a90613b6b565b9192909190565b50505f9160029190565b909161ffff169061012c8211613a9057613a1e90613bfa565b15613a6a5715159081613a59575b50613a35575f90565b7fb387a2380000000000000000000000000000000000000000000000000000000090565b613a639150613bfa565b155f613a2c565b50507fb387a2380000000000000000000000000000000000000000000000000000000090565b5050507fa94a61dc0000000000000000000000000000000000000000000000000000000090565b908215613b665773ffffffffffffffffffffffffffffffffffffffff1691825f527f43b5be5d1a6dd352fcf5f199656b88ca5cc4737f0b75fc04c78996444651bbe860205260405f2092835c908115613b1a575b50613b1692506124b6565b905d565b60806060850151940180517fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff811461189457613b1695613b5f92600183019052613933565b525f613b0b565b505050565b91907f7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a08411613bef579160209360809260ff5f9560405194855216868401526040830152606082015282805260015afa156113fb575f5173ffffffffffffffffffffffffffffffffffffffff811615613be557905f905f90565b505f906001905f90565b5050505f9160039190565b73ffffffffffffffffffffffffffffffffffffffff168015159081613c1d575090565b90503014159056" as const;

/** Is keccak256 of the runtime code of `ZoneEscrow` before its immutables are filled in. */
export const zoneEscrowRuntimeHash =
  "0xb1ecd756bb9aa3979b95e6b9b6ce933c71f937b96d76c5d71af5a046c58adadc" as const;
